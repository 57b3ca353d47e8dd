select
    range::bigint as customer_key,
    'Customer ' || range as customer_name,
    timestamp '2026-01-01 10:00:00' as valid_from
from range(-1, 7)
