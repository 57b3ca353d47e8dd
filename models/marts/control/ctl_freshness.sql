{#  Grain: one row a system and table that was ever loaded: how much, when, and up to
    which moment of the business. How old that is, the reader's clock says.  #}

with

batches as (

    select * from {{ source('landing', 'load_batch') }}

),

limits (source_system, table_name, warn_after_hours, error_after_hours) as (

    values
    {% for system, table, warn_after, error_after in freshness_limits() -%}
    ('{{ system }}', '{{ table }}', {{ warn_after }}, {{ error_after }}),
    {% endfor -%}
    ('none', 'none', null, null)

),

final as (

    select
        batches.system as source_system,
        batches.table_name,
        count(distinct batches.batch_id) as batches,
        sum(batches.rows_read)::bigint as rows_read,
        sum(batches.rows_loaded)::bigint as rows_loaded,
        sum(batches.rows_quarantined)::bigint as rows_quarantined,
        max(batches.loaded_at) as last_loaded_at,
        max(batches.event_to) as data_through,
        any_value(limits.warn_after_hours)::double as warn_after_hours,
        any_value(limits.error_after_hours)::double as error_after_hours

    from batches

    left join limits
        on
            batches.system = limits.source_system
            and batches.table_name = limits.table_name

    group by batches.system, batches.table_name

)

select * from final
