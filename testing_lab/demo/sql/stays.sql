-- Open stays of what rests, and the one that each number on sale, or sold, has behind it.
INSERT INTO inventory_quarantine (number_id, source, previous_use, entered_at, earliest_at, latest_at, rule, ended_at,
    verdict, state_day, recent_contacts, effective_days, likelihood, alpha, action, action_rule, predicted_on,
    predicted_lo, predicted_hi)
SELECT id, CASE WHEN used THEN 'released' ELSE origin END, CASE WHEN used AND id %% 2 = 0 THEN 'business' ELSE '' END,
    entered, entered + interval '45 days', NULL, 'default: 45 days', NULL, '',
    CASE WHEN decided THEN current_date - 1 END, CASE WHEN decided THEN chance * 3 END,
    CASE WHEN decided THEN extract(day FROM now() - entered) END, CASE WHEN decided THEN chance * chance END,
    CASE WHEN decided THEN 0.1 END, CASE WHEN decided THEN 'hold' ELSE '' END,
    CASE WHEN NOT decided THEN '' WHEN now() < entered + interval '45 days' THEN 'legal_minimum' ELSE 'likelihood' END,
    CASE WHEN told THEN leaves END, CASE WHEN told THEN leaves - 1 END, CASE WHEN told THEN leaves + 9 END
FROM (
    SELECT *, entered < date_trunc('day', now(), 'UTC') AS decided, chance < 0.9 AND entered < current_date - 1 AS told,
        greatest(current_date + 1, (entered + interval '45 days')::date) + floor(power(chance, 3) * 20)::int AS leaves
    FROM (
        SELECT id, origin, passport_expires_at IS NULL AS used, random() AS chance,
            state_since - CASE WHEN passport_expires_at IS NULL THEN interval '10 days' ELSE interval '0' END AS entered
        FROM inventory_phonenumber WHERE state = 'QUARANTINED' ORDER BY random()
    ) AS resting
) AS seen;

INSERT INTO inventory_quarantine (number_id, source, entered_at, earliest_at, latest_at, rule, ended_at, verdict)
SELECT id, origin, cleared_at - before, cleared_at - before + interval '45 days', NULL, 'default: 45 days',
    cleared_at, 'clean'
FROM (
    SELECT id, origin, interval '46 days 19 hours' AS before,
        state_since - CASE state WHEN 'IN_SERVICE' THEN interval '13 days' WHEN 'RESERVED' THEN interval '13 days'
            ELSE interval '0' END AS cleared_at
    FROM inventory_phonenumber WHERE state IN ('AVAILABLE', 'RESERVED', 'IN_SERVICE')
) AS rested ORDER BY cleared_at;

-- A quarter of the lines are silent, a quarter is called every fifth day.
INSERT INTO inventory_dailycontact (number_id, day, voice, sms, otp, distinct_callers, observed)
SELECT number_id, current_date - ago, 1 + floor(random() * 2)::int, floor(random() * 2)::int, 0, 1, true
FROM inventory_quarantine CROSS JOIN generate_series(1, 60) AS ago
WHERE ended_at IS NULL AND random() < ('{0,0.01,0.05,0.2}'::float[])[1 + number_id %% 4]
AND ago <= extract(day FROM now() - entered_at);

INSERT INTO inventory_feedday (day, healthy)
SELECT current_date - ago, ago %% 50 <> 17 FROM generate_series(1, 400) AS ago ON CONFLICT DO NOTHING
