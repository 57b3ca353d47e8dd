select
    'shop' as source_system,
    'sales' as table_name,
    1::bigint as batches,
    1000::bigint as rows_loaded,
    2::bigint as rows_quarantined,
    timestamp '2026-01-31 01:00:00' as last_loaded_at,
    timestamp '2026-01-30 00:00:00' as data_through,
    36 as warn_after_hours,
    72 as error_after_hours
union all
select 'shop', 'customers', 0, 0, 0, null, null, null, null
