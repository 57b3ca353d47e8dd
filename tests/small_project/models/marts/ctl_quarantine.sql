select
    'shop' as source_system,
    'sales' as table_name,
    '20260131T010000Z-aaaaaa' as batch_id,
    'sales_2026-01-30.csv' as source_file,
    range + 17 as row_number,
    'not_a_number' as reason_code,
    'amount' as column_name,
    'amount is not a number: [x]' as reason,
    '{"amount": "[x]"}' as row_json,
    timestamp '2026-01-31 01:00:00' as loaded_at
from range(2)
