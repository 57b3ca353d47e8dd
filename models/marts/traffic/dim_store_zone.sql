{#  Grain: one row a zone of a store and period in which neither its floor nor its
    fixture changed (store > floor > zone > fixture). Type 1: the name. current_* shows
    the last version beside each (type 6).  #}

{% set type_2 = ['floor', 'fixture'] %}

with

members as (

    select * from {{ dimension_members(
        'store_zone',
        described_by='store_zones',
        type_1=['zone_name', 'source_store_id'],
        type_2=type_2,
    ) }}

),

final as (

    select
        store_zone_key,
        store_zone_id,
        source_store_zone_id,
        member_type,

        case
            when member_type = 'special' then store_zone_id
            else coalesce({{ durable_id('source_store_id') }}, 'unknown')
        end as store_id,
        coalesce(zone_name, 'Zone ' || source_store_zone_id, missing) as zone_name,
        {% for attribute in type_2 -%}
        {{ attribute }},
        current_{{ attribute }},
        {% endfor %}
        is_inferred,
        valid_from,
        valid_to,
        is_current,
        recorded_at,

        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
