{#  One row a coupon that a household redeemed; the till that took it is not told.  #}

with

source as (

    select * from {{ source('complete_journey', 'coupon_redemptions') }}

),

final as (

    select
        concat_ws('|', household_id, coupon_upc, campaign_id, redemption_date::date)
            as source_record_id,
        household_id::varchar as source_customer_id,
        campaign_id::varchar as source_cell_id,
        campaign_id || '|' || coupon_upc as source_offer_id,
        redemption_date::date as responded_on,
        'store_till' as channel_code,
        'coupon redemption' as response_type,
        false as is_inferred,
        {{ record_columns() }}

    from source

)

select * from final
