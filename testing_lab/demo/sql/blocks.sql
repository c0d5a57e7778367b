INSERT INTO inventory_numberblock (number_id, reason, note, placed_by, since, cleared_by, cleared_note, cleared_at)
SELECT id, (ARRAY['fraud', 'legal_hold', 'drift'])[1 + id %% 3], 'made up for the demonstration', 'user:demonstration',
    state_since, '', '', NULL
FROM inventory_phonenumber WHERE blocked ORDER BY state_since;

INSERT INTO inventory_numberblock (number_id, reason, note, placed_by, since, cleared_by, cleared_note, cleared_at)
SELECT id, 'fraud', 'made up for the demonstration', 'user:demonstration', state_since, 'user:demonstration',
    'it was none', state_since + interval '2 days'
FROM inventory_phonenumber WHERE state = 'IN_SERVICE' AND NOT blocked AND id %% 40 = 0 ORDER BY state_since
