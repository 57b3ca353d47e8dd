select
    (range + 1)::bigint as line_number,
    (range % 7)::bigint as customer_key,
    date '2026-01-01' + (range % 30)::integer as order_date,
    ((range * 37) % 1000 / 4.0)::decimal(18, 2) as amount
from range(1000)
