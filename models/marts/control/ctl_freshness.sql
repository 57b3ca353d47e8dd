{#  Grain: one row a system and table that was ever loaded: how much, when, and up to
    which moment of the business. How old that is, the reader's clock says.  #}

{% set limits = [] %}
{% if execute %}
    {% for source in graph.sources.values() | selectattr('loader', 'equalto', 'acrm') %}
        {% set hours = {} %}
        {% for level in ['warn_after', 'error_after'] %}
            {% set limit = (source.freshness or {})[level] or {} %}
            {% set per = {'minute': 1 / 60, 'hour': 1, 'day': 24}[limit.period or 'hour'] %}
            {% do hours.update({level: limit.count * per if limit.count else 'null'}) %}
        {% endfor %}
        {% do limits.append([source.source_name, source.name, hours.warn_after, hours.error_after]) %}
    {% endfor %}
{% endif %}

with

batches as (

    select * from {{ source('landing', 'load_batch') }}

),

limits (source_system, table_name, warn_after_hours, error_after_hours) as (

    values
    {% for limit in limits -%}
    ('{{ limit[0] }}', '{{ limit[1] }}', {{ limit[2] }}, {{ limit[3] }}){{ ',' if not loop.last }}
    {% else -%}
    ('none', 'none', null, null)
    {% endfor %}

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
