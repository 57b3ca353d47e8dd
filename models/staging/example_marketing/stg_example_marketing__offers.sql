{#  An offer as each of its changes left it; the one changed last counts.  #}

with

source as (

    select * from {{ source('example_marketing', 'offers') }}

),

final as (

    select
        offer_id || '|' || changed_at as source_record_id,
        offer_id as source_offer_id,
        {{ to_utc('changed_at', 'example_marketing') }} as changed_at,
        offer_name,
        offer_type,
        benefit,
        discount_percent || ' % off' as terms,
        valid_from as starts_on,
        valid_to as ends_on,
        {{ record_columns() }}

    from source

)

select * from final
