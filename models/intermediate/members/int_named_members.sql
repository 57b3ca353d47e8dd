{#  Grain: one row a member of a dimension that any delivery names, superseded ones
    included. A member named here and described nowhere is inferred.  #}

{{ config(materialized='incremental', incremental_strategy='append') }}

with

{% for entity in canonical_entities() if entity != 'source_totals' -%}
{{ entity }} as (

    {{ delivered_records(entity) }}

),

{% endfor -%}
named (member, source_system, id_space, source_member_id, loaded_at, batch_id) as (

    select
        null::varchar,
        null::varchar,
        null::varchar,
        null::varchar,
        null::timestamp,
        null::varchar

    where false
    {%- for entity in canonical_entities() if naming_columns(entity) %}
    {%- set columns = naming_columns(entity) %}

    union all

    select
        case
            {%- for column, member in columns.items() %}
            when {{ column }} is not null then '{{ member }}'
            {%- endfor %}
        end,
        arg_min(source_system, loaded_at),
        id_space,
        coalesce({{ columns | join(', ') }}),
        min(loaded_at),
        arg_min(batch_id, loaded_at)

    from {{ entity }}

    group by grouping sets (
        {%- for column in columns %}
        (id_space, {{ column }}){{ ',' if not loop.last }}
        {%- endfor %}
    )
    {%- endfor %}

),

first_named as (

    select
        member,
        arg_min(source_system, loaded_at) as source_system,
        id_space,
        source_member_id,
        min(loaded_at) as loaded_at,
        arg_min(batch_id, loaded_at) as batch_id

    from named

    where source_member_id is not null

    group by member, id_space, source_member_id

),

final as (

    select
        first_named.member,
        {{ durable_id('first_named.source_member_id', 'first_named.id_space') }}
            as member_id,
        first_named.source_system,
        first_named.id_space,
        first_named.source_member_id,
        first_named.loaded_at,
        first_named.batch_id

    from first_named
    {% if is_incremental() %}
    anti join {{ this }} as known
        on
            first_named.member = known.member
            and first_named.id_space = known.id_space
            and first_named.source_member_id = known.source_member_id
    {% endif %}
)

select * from final
