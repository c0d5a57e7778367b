-- Numbers that are held, five to a basket, and baskets that were bought.
CREATE TEMP TABLE stock_hold AS
SELECT id AS number, holder_id AS account, state, state_since AS since, due_at,
    (row_number() OVER (PARTITION BY holder_id, state ORDER BY id) - 1) / 5 AS nth
FROM inventory_phonenumber WHERE state = 'RESERVED' OR state = 'IN_SERVICE' AND id %% 10 = 0;

INSERT INTO inventory_reservation (sid, account_id, created_at, expires_at, released_at)
SELECT 'RV' || md5(account || state || nth), account, min(since) - interval '1 minute',
    coalesce(max(due_at), min(since) + interval '15 minutes'), CASE state WHEN 'IN_SERVICE' THEN max(since) END
FROM stock_hold GROUP BY account, state, nth ORDER BY min(since);

INSERT INTO inventory_hold (reservation_id, number_id, ended, ended_at)
SELECT basket.id, number, CASE state WHEN 'RESERVED' THEN '' ELSE 'bought' END,
    CASE state WHEN 'RESERVED' THEN NULL ELSE since END
FROM stock_hold JOIN inventory_reservation AS basket ON basket.sid = 'RV' || md5(account || state || nth)
ORDER BY basket.id
