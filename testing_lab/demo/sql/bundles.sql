-- For each holder and each kind that needs papers, one that was approved: numbers hang on it. `pool` holds texts that are
-- encrypted already: PostgreSQL has no key.
CREATE TEMP TABLE stock_bundle AS
SELECT nextval(pg_get_serial_sequence('compliance_bundle', 'id')) AS id, made.*,
    1 + floor(random() * %(pool)s)::int AS name,
    nextval(pg_get_serial_sequence('compliance_enduser', 'id')) AS end_user,
    nextval(pg_get_serial_sequence('compliance_supportingdocument', 'id')) AS document
FROM (
    SELECT holder AS account, regulation.id AS regulation, country, number_type, end_user_type, 'approved' AS state,
        random() * interval '700 days' + interval '20 days' AS age
    FROM unnest(%(accounts)s::bigint[]) AS holder CROSS JOIN compliance_regulation AS regulation
    WHERE (country, number_type) IN (SELECT DISTINCT country, number_type FROM stock_block)
    AND end_user_type = 'business'
    UNION ALL
    SELECT CASE WHEN nth <= %(heavy)s THEN %(filer)s ELSE
            (%(accounts)s::bigint[])[1 + floor(random() * cardinality(%(accounts)s::bigint[]))::int] END,
        regulation.id, country, number_type, end_user_type,
        ('{approved,approved,approved,approved,approved,approved,rejected,rejected,draft,draft,draft,pending_review}'
            ::text[])[1 + floor(random() * 12)::int],
        random() * interval '300 days' + interval '1 day'
    FROM generate_series(1, %(others)s) AS nth CROSS JOIN LATERAL (
        SELECT * FROM compliance_regulation
        WHERE id = (%(regulations)s::bigint[])[1 + (nth * 7919) %% cardinality(%(regulations)s::bigint[])]
    ) AS regulation
) AS made;

INSERT INTO compliance_bundle (id, sid, friendly_name, friendly_name_index, email, status_callback, is_test, state,
    state_since, due_at, created_at, updated_at, account_id, regulation_id, approved_under_id)
SELECT id, 'BU' || md5('bundle' || id), (%(names)s::text[])[name], (%(indexes)s::text[])[name],
    (%(mails)s::text[])[name], '', false, state, now() - age * 0.9,
    CASE WHEN state = 'pending_review' THEN now() + (random() - 0.1) * interval '3 days' END,
    now() - age, now() - age * 0.9, account, regulation,
    CASE WHEN state = 'approved' THEN (
        SELECT max(version.id) FROM compliance_regulationversion AS version WHERE version.regulation_id = regulation
    ) END
FROM stock_bundle;

INSERT INTO compliance_enduser (id, sid, type, friendly_name, attributes, revision, created_at, updated_at, account_id)
SELECT end_user, 'IT' || md5('person' || end_user), end_user_type, (%(names)s::text[])[name],
    (%(people)s::text[])[name], 1, now() - age, now() - age, account
FROM stock_bundle;

INSERT INTO compliance_supportingdocument (id, sid, account_id, type, friendly_name, attributes, status, reason,
    reason_sentence, fix_hint, revision, created_at, updated_at)
SELECT document, 'RD' || md5('paper' || document), account, 'commercial_registrar_excerpt', (%(names)s::text[])[name],
    (%(people)s::text[])[name], CASE state WHEN 'pending_review' THEN state WHEN 'approved' THEN state
        WHEN 'rejected' THEN state ELSE 'draft' END,
    CASE state WHEN 'rejected' THEN %(reason)s ELSE '' END, %(blank)s, %(blank)s, 1, now() - age, now() - age
FROM stock_bundle;

INSERT INTO compliance_itemassignment (sid, bundle_id, end_user_id, document_id, requirement_name, created_at)
SELECT 'BV' || md5('item' || id || kind), id, CASE kind WHEN 1 THEN end_user END, CASE kind WHEN 2 THEN document END, '',
    now() - age
FROM stock_bundle CROSS JOIN generate_series(1, 2) AS kind;

INSERT INTO compliance_bundleentry (bundle_id, verb, source, target, actor, reason, data, at)
SELECT id, verb, source, target, actor, '', '{}', now() - age * part
FROM stock_bundle JOIN (VALUES
    (1, 'create', '', 'draft', 'account:demonstration', 1.0),
    (2, 'submit', 'draft', 'pending_review', 'account:demonstration', 0.95),
    (3, 'claim', 'pending_review', 'in_review', 'user:demonstration', 0.92),
    (4, 'approve', 'in_review', 'approved', 'user:demonstration', 0.9),
    (5, 'reject', 'in_review', 'rejected', 'user:demonstration', 0.9)
) AS step (nth, verb, source, target, actor, part)
ON CASE state WHEN 'draft' THEN nth <= 1 WHEN 'pending_review' THEN nth <= 2 WHEN 'approved' THEN nth <= 4
    ELSE nth <> 4 END
ORDER BY now() - age * part
