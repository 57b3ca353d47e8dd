{#  Type 2: geography (country > region > district > store), format, size band.
    Type 1: name, city and days of opening. current_* shows the last version beside each
    (type 6).  #}

{% set type_2 = ['country', 'region', 'district', 'store_format', 'size_band'] %}

with

members as (

    select * from {{ dimension_members(
        'store',
        described_by='stores',
        type_1=['store_name', 'city', 'opened_on', 'closed_on'],
        type_2=type_2,
    ) }}

),

final as (

    select
        store_key,
        store_id,
        source_store_id,
        member_type,

        coalesce(store_name, 'Store ' || source_store_id, missing) as store_name,
        coalesce(city, missing) as city,
        {% for attribute in type_2 -%}
        {{ attribute }},
        current_{{ attribute }},
        {% endfor -%}
        opened_on,
        closed_on,

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
