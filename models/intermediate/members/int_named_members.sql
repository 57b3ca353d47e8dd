{#  Grain: one row a member of a dimension that any delivery names, superseded ones
    included. A member named here and described nowhere is inferred.  #}

{{ config(materialized='incremental', incremental_strategy='append') }}

with

{% for entity in canonical_entities() if entity != 'source_totals' -%}
{{ entity }} as not materialized (

    {{ delivered_records(entity) }}

),

{% endfor -%}
named as (

    select
        null::varchar as member,
        null::varchar as source_system,
        null::varchar as id_space,
        null::varchar as source_member_id,
        null::timestamp as loaded_at,
        null::varchar as batch_id

    where false
    {%- for entity in canonical_entities() %}
    {%- for column, member in naming_columns(entity).items() %}

    union all

    select
        '{{ member }}' as member,
        arg_min(source_system, loaded_at) as source_system,
        id_space,
        {{ column }} as source_member_id,
        min(loaded_at) as loaded_at,
        arg_min(batch_id, loaded_at) as batch_id

    from {{ entity }}

    where {{ column }} is not null

    group by id_space, {{ column }}
    {%- endfor %}
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
