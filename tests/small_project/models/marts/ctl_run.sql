select
    'f6a7'::varchar as run_id,
    'build' as command,
    timestamp '2026-01-31 02:00:00' as started_at,
    timestamp '2026-01-31 02:01:00' as ended_at,
    'pass' as status,
    9 as nodes_passed,
    0 as nodes_warned,
    0 as nodes_failed,
    0 as nodes_skipped,
    '1.11' as dbt_version
