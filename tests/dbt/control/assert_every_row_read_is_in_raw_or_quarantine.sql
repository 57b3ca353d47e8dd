-- What the batch log says was read is in the raw zone or in quarantine, row for row.

with

logged as (

    select
        batch_id,
        system,
        table_name,
        sum(rows_read) as rows_read,
        sum(rows_loaded) as rows_loaded,
        sum(rows_quarantined) as rows_quarantined

    from {{ source('landing', 'load_batch') }}

    group by batch_id, system, table_name

),

raw_rows as (

    {% if execute -%}
    {% for table in graph.sources.values() | selectattr('loader', 'equalto', 'acrm') -%}
    select
        _batch_id as batch_id,
        '{{ table.source_name }}' as system,
        '{{ table.name }}' as table_name,
        count(*) as raw_count

    from {{ table.schema }}.{{ table.name }}

    group by _batch_id

    union all

    {% endfor -%}
    {% endif -%}
    select
        null as batch_id,
        null as system,
        null as table_name,
        0 as raw_count

    where false

),

quarantined as (

    select
        _batch_id as batch_id,
        system,
        table_name,
        count(*) as quarantine_count

    from {{ source('landing', 'quarantine') }}

    group by all

)

select
    batch_id,
    system,
    table_name,
    logged.rows_read,
    logged.rows_loaded,
    logged.rows_quarantined,
    raw_rows.raw_count,
    quarantined.quarantine_count

from logged

full join raw_rows
    using (batch_id, system, table_name)

full join quarantined
    using (batch_id, system, table_name)

where
    logged.rows_read is distinct from logged.rows_loaded + logged.rows_quarantined
    or coalesce(logged.rows_loaded, 0) <> coalesce(raw_rows.raw_count, 0)
    or coalesce(logged.rows_quarantined, 0)
    <> coalesce(quarantined.quarantine_count, 0)
