{#  Grain: one row an offer. Type 1.  #}

{% set texts = ['offer_type', 'benefit', 'terms'] %}

with

members as (

    select * from {{ dimension_members(
        'offer',
        described_by='offers',
        type_1=texts
            + ['offer_name', 'source_campaign_id', 'starts_on', 'ends_on'],
    ) }}

),

final as (

    select
        offer_key,
        offer_id,
        source_offer_id,
        member_type,

        coalesce({{ durable_id('source_campaign_id') }}, 'unknown') as campaign_id,
        coalesce(offer_name, source_offer_id, missing) as offer_name,
        {% for attribute in texts -%}
        coalesce({{ attribute }}, missing) as {{ attribute }},
        {% endfor -%}
        starts_on,
        ends_on,

        is_inferred,
        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
