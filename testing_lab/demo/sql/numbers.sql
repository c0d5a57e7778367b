-- Number by number round the blocks, so that neighbours in the table have nothing in common: the worst case for a page.
-- What is on sale or was, has both papers, good for up to `lasts`.
INSERT INTO inventory_phonenumber (
    e164, country, number_type, area_code, region, place_id, declared_capabilities, capabilities, beta, origin,
    provider_id, monthly_cost, currency, state, state_since, created_at, due_at, holder_id, blocked,
    passport_expires_at, cleared_at, tested_at, passed_tests, mos, post_dial_delay
)
SELECT e164, country, number_type, area_code, coalesce(region, ''), place_id, mask,
    CASE WHEN state IN ('SOURCED', 'TESTING', 'FAILED') THEN 0 ELSE mask END,
    spare > 0.98, CASE WHEN spare < 0.4 THEN 'onboarded_new' ELSE 'onboarded_used' END,
    provider_id, round((0.15 + 2 * luck)::numeric, 2), 'USD', state, since, since - interval '400 days',
    CASE state
        WHEN 'AVAILABLE' THEN now() + luck * %(lasts)s::interval
        WHEN 'QUARANTINED' THEN since + interval '45 days'
        WHEN 'RESERVED' THEN now() + interval '6 hours'
        WHEN 'RELEASED' THEN since + interval '10 days'
    END,
    CASE
        WHEN state = 'RESERVED' THEN (%(shoppers)s::bigint[])[1 + floor(luck * cardinality(%(shoppers)s::bigint[]))::int]
        WHEN state IN ('IN_SERVICE', 'RELEASED') THEN holder_id
    END,
    state <> 'RETURNED' AND spare BETWEEN 0.5 AND 0.5 + %(blocked)s,
    CASE
        WHEN state IN ('AVAILABLE', 'RESERVED', 'IN_SERVICE') OR state = 'QUARANTINED' AND spare < 0.4
        THEN now() + (0.05 + luck) * %(lasts)s::interval
    END,
    CASE WHEN state IN ('AVAILABLE', 'RESERVED', 'IN_SERVICE') THEN since END,
    CASE WHEN state NOT IN ('SOURCED', 'TESTING') THEN now() - luck * interval '60 days' END,
    CASE WHEN state IN ('SOURCED', 'TESTING', 'FAILED') THEN 0 ELSE (%(passed)s::bigint[])[mask] END,
    4.2 + luck * 0.2, 0.5 + luck
FROM (
    SELECT *, now() - CASE state
        WHEN 'SOURCED' THEN power(luck, 4) * interval '2 days'
        WHEN 'TESTING' THEN power(luck, 8) * interval '5 hours'
        WHEN 'RESERVED' THEN luck * interval '20 minutes'
        WHEN 'RELEASED' THEN luck * interval '10 days'
        WHEN 'QUARANTINED' THEN luck * interval '60 days'
        WHEN 'FAILED' THEN luck * interval '40 days'
        WHEN 'AVAILABLE' THEN luck * luck * interval '300 days'
        ELSE luck * interval '900 days'
    END AS since
    FROM (
        SELECT block.first + (taken * block.stride) %% %(width)s AS e164, block.country, block.number_type,
            block.area_code, place.region, block.place_id,
            ('{7,7,7,7,15,3,3,1,1,9}'::smallint[])[1 + floor(random() * 10)::int] AS mask,
            (%(states)s::text[])[1 + floor(random() * cardinality(%(states)s::text[]))::int] AS state,
            (%(holders)s::bigint[])[1 + floor(random() * cardinality(%(holders)s::bigint[]))::int] AS holder_id,
            (%(providers)s::bigint[])[1 + floor(random() * cardinality(%(providers)s::bigint[]))::int] AS provider_id,
            random() AS luck, random() AS spare
        FROM generate_series(0, (%(count)s - 1) / %(blocks)s) AS taken
        CROSS JOIN LATERAL (SELECT * FROM stock_block WHERE taken >= 0 OFFSET 0) AS block
        LEFT JOIN numbering_place AS place ON place.id = block.place_id
        LIMIT %(count)s
    ) AS drawn
) AS made
