-- One order for ten numbers of a kind, as they came; of a quarter of the stock.
CREATE TEMP TABLE stock_line AS
SELECT id AS number, e164, provider_id, country, number_type, capabilities, monthly_cost, created_at,
    (row_number() OVER (PARTITION BY provider_id, country, number_type ORDER BY id) - 1) / 10 AS nth
FROM inventory_phonenumber WHERE provider_id IS NOT NULL AND id %% 4 = 0;

INSERT INTO inventory_providerorder (key, provider_id, country, number_type, area_code, state, provider_reference,
    attempts, next_attempt_at, last_error, created_at, updated_at)
SELECT 'demo-' || md5(provider_id || country || number_type || nth), provider_id, country, number_type, '', 'COMPLETE',
    'PO-' || provider_id || '-' || country || '-' || nth, 1, NULL, '', min(created_at), min(created_at)
FROM stock_line GROUP BY provider_id, country, number_type, nth ORDER BY min(created_at);

INSERT INTO inventory_providerorderline (order_id, e164, state, reason, capabilities, locality, region, monthly_cost,
    currency, number_id)
SELECT bought.id, e164, 'RECEIVED', '', capabilities, '', '', monthly_cost, 'USD', number
FROM stock_line JOIN inventory_providerorder AS bought
    ON key = 'demo-' || md5(stock_line.provider_id || stock_line.country || stock_line.number_type || nth)
ORDER BY bought.id
