{#  Grain: one row a visitor, a browser or device that visits. Type 1: the last save,
    with who it is once that is known.  #}

{% set texts = ['device_class', 'entry_source', 'visitor_type'] %}

with

members as (

    select * from {{ dimension_members(
        'visitor',
        described_by='visitors',
        type_1=texts + [
            'source_customer_id', 'has_consented', 'first_seen_at', 'became_known_at',
        ],
    ) }}

),

final as (

    select
        visitor_key,
        visitor_id,
        source_visitor_id,
        member_type,

        case
            when member_type = 'special' then visitor_id
            else coalesce({{ durable_id('source_customer_id') }}, 'anonymous')
        end as customer_id,
        {% for attribute in texts -%}
        coalesce({{ attribute }}, missing) as {{ attribute }},
        {% endfor -%}
        coalesce(has_consented, false) as has_consented,
        source_customer_id is not null as is_known,
        first_seen_at,
        became_known_at,

        is_inferred,
        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
