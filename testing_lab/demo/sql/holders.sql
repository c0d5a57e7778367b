-- Who has a number, or had it: a DID and an assignment. `past`: it is over.
CREATE TEMP TABLE stock_tenure AS
SELECT nextval(pg_get_serial_sequence('inventory_did', 'id')) AS id, made.*
FROM (
    SELECT id AS number, country, number_type, e164, NULL::timestamptz AS ended, holder_id AS account,
        state_since AS began
    FROM inventory_phonenumber WHERE state = 'IN_SERVICE'
    UNION ALL
    SELECT id, country, number_type, e164,
        state_since - CASE state WHEN 'RELEASED' THEN interval '0' ELSE interval '10 days' END,
        coalesce(holder_id, (%(accounts)s::bigint[])[1 + id %% cardinality(%(accounts)s::bigint[])]),
        state_since - interval '200 days'
    FROM inventory_phonenumber
    WHERE state = 'RELEASED' OR state = 'QUARANTINED' AND passport_expires_at IS NULL
    ORDER BY began
) AS made;

INSERT INTO inventory_did (id, sid, number_id, account_id, friendly_name, voice_url, voice_method, voice_fallback_url,
    voice_fallback_method, voice_caller_id_lookup, voice_application_sid, voice_receive_mode, sms_url, sms_method,
    sms_fallback_url, sms_fallback_method, sms_application_sid, status_callback, status_callback_method, trunk_sid,
    address_sid, bundle_sid, identity_sid, emergency_status, emergency_address_sid, created_at, updated_at, ended_at,
    protected_since)
SELECT tenure.id, 'PN' || md5('did' || tenure.id), number, account,
    CASE WHEN tenure.id %% 3 = 0 THEN (%(teams)s::text[])[1 + tenure.id %% cardinality(%(teams)s::text[])] || ' ' || number
        ELSE '+' || e164 END,
    'https://voice.example.com/calls', 'POST', '', 'POST', false, '', 'voice', '', 'POST', '', 'POST', '', '', 'POST', '',
    '', coalesce(bundle.sid, ''), '', 'Inactive', '', began, began, ended,
    CASE WHEN ended IS NULL AND tenure.id %% 50 = 0 THEN began END
FROM stock_tenure AS tenure LEFT JOIN (
    SELECT DISTINCT ON (account, country, number_type) account AS holder, country, number_type, sid
    FROM stock_bundle JOIN compliance_bundle USING (id) WHERE stock_bundle.state = 'approved'
    ORDER BY account, country, number_type, id
) AS bundle ON holder = account AND bundle.country = tenure.country AND bundle.number_type = tenure.number_type
    AND coalesce((
        SELECT needs_bundle FROM compliance_numbertyperule AS rule
        WHERE rule.country = tenure.country AND rule.number_type = tenure.number_type
        AND valid_from <= current_date ORDER BY valid_from DESC LIMIT 1
    ), true);

INSERT INTO inventory_assignment (number_id, account_id, did_id, valid)
SELECT number, account, id, tstzrange(began, ended) FROM stock_tenure ORDER BY began
