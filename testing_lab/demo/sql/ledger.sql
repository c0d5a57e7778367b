-- How each number came to where it is: `days` before it came into its state.
INSERT INTO inventory_lifecycleentry (number_id, verb, source, target, actor, reason, rule, data, at)
SELECT number.id, verb, path.source, path.target,
    CASE who WHEN 'account' THEN 'account:' || holder.sid ELSE who END, reason,
    CASE verb WHEN 'clear' THEN 'default: 45 days' ELSE '' END,
    CASE WHEN verb IN ('assign', 'release') THEN jsonb_build_object('did', did.sid) ELSE '{}' END, state_since - days * interval '1 day'
FROM inventory_phonenumber AS number
LEFT JOIN (
    SELECT number, sid, account FROM stock_tenure JOIN inventory_did ON inventory_did.id = stock_tenure.id
) AS did ON did.number = number.id
LEFT JOIN accounts_account AS holder ON holder.id = coalesce(holder_id, did.account)
JOIN (VALUES
    ('SOURCED', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 0),
    ('TESTING', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 0.1),
    ('TESTING', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 0),
    ('FAILED', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 0.2),
    ('FAILED', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 0.1),
    ('FAILED', 'fail_tests', 'TESTING', 'FAILED', 'lab:demo', 'failed V1', 0),
    ('AVAILABLE', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 47),
    ('AVAILABLE', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 46.9),
    ('AVAILABLE', 'pass_tests', 'TESTING', 'QUARANTINED', 'lab:demo', '', 46.8),
    ('AVAILABLE', 'clear', 'QUARANTINED', 'AVAILABLE', 'sweep:quarantine', 'clean', 0),
    ('RESERVED', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 60),
    ('RESERVED', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 59.9),
    ('RESERVED', 'pass_tests', 'TESTING', 'QUARANTINED', 'lab:demo', '', 59.8),
    ('RESERVED', 'clear', 'QUARANTINED', 'AVAILABLE', 'sweep:quarantine', 'clean', 13),
    ('RESERVED', 'reserve', 'AVAILABLE', 'RESERVED', 'account', '', 0),
    ('IN_SERVICE', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 60),
    ('IN_SERVICE', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 59.9),
    ('IN_SERVICE', 'pass_tests', 'TESTING', 'QUARANTINED', 'lab:demo', '', 59.8),
    ('IN_SERVICE', 'clear', 'QUARANTINED', 'AVAILABLE', 'sweep:quarantine', 'clean', 13),
    ('IN_SERVICE', 'reserve', 'AVAILABLE', 'RESERVED', 'account', '', 0.01),
    ('IN_SERVICE', 'assign', 'RESERVED', 'IN_SERVICE', 'account', '', 0),
    ('RELEASED', 'assign', 'RESERVED', 'IN_SERVICE', 'account', '', 200),
    ('RELEASED', 'release', 'IN_SERVICE', 'RELEASED', 'account', 'given back', 0),
    ('QUARANTINED', 'release', 'IN_SERVICE', 'RELEASED', 'account', 'given back', 10),
    ('QUARANTINED', 'expire', 'RELEASED', 'QUARANTINED', 'sweep:released', 'nobody reclaimed it', 0),
    ('new', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 0.2),
    ('new', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 0.1),
    ('new', 'pass_tests', 'TESTING', 'QUARANTINED', 'lab:demo', '', 0),
    ('RETURNED', 'source', '', 'SOURCED', 'demo:fill', 'delivered', 300),
    ('RETURNED', 'start_tests', 'SOURCED', 'TESTING', 'sweep:sourced', 'received', 299.9),
    ('RETURNED', 'fail_tests', 'TESTING', 'FAILED', 'lab:demo', 'failed V1', 299.8),
    ('RETURNED', 'retire', 'FAILED', 'RETURNED', 'sweep:failed', 'failed too often', 0)
) AS path (life, verb, source, target, who, reason, days)
ON life = CASE WHEN state = 'QUARANTINED' AND passport_expires_at IS NOT NULL THEN 'new' ELSE state END
ORDER BY state_since - days * interval '1 day'
