{#  An offer is a coupon in a campaign: the same bar code came in several.  #}

with

source as (

    select * from {{ source('complete_journey', 'coupons') }}

),

campaigns as (

    select * from {{ source('complete_journey', 'campaign_descriptions') }}

),

final as (

    select
        source.campaign_id || '|' || source.coupon_upc as source_record_id,
        source.campaign_id || '|' || source.coupon_upc as source_offer_id,
        source.campaign_id::varchar as source_campaign_id,
        'Coupon ' || source.coupon_upc as offer_name,
        'coupon' as offer_type,
        min(campaigns.start_date)::date as starts_on,
        max(campaigns.end_date)::date as ends_on,
        max(source._loaded_at) as loaded_at,
        max(source._batch_id) as batch_id,
        max(source._source_file) as source_file

    from source

    left join campaigns
        on source.campaign_id = campaigns.campaign_id

    group by source.campaign_id, source.coupon_upc

)

select * from final
