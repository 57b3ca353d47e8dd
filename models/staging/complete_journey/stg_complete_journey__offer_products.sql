{#  One row a product that an offer is good for.  #}

with

source as (

    select * from {{ source('complete_journey', 'coupons') }}

),

final as (

    select
        campaign_id || '|' || coupon_upc || '|' || product_id as source_record_id,
        campaign_id || '|' || coupon_upc as source_offer_id,
        product_id::varchar as source_product_id,
        {{ record_columns() }}

    from source

)

select * from final
