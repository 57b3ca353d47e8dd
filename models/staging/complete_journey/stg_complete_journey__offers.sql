{#  An offer is a coupon in a campaign: the same bar code came in several.  #}

with

source as (

    select * from {{ source('complete_journey', 'coupons') }}

),

campaigns as (

    select * from {{ source('complete_journey', 'campaign_descriptions') }}

),

latest_campaigns as (

    select
        campaign_id,
        arg_max(start_date, (_loaded_at, _batch_id, _source_file))::date as starts_on,
        arg_max(end_date, (_loaded_at, _batch_id, _source_file))::date as ends_on

    from campaigns

    group by campaign_id

),

final as (

    select
        source.campaign_id || '|' || source.coupon_upc as source_record_id,
        source.campaign_id || '|' || source.coupon_upc as source_offer_id,
        source.campaign_id::varchar as source_campaign_id,
        'Coupon ' || source.coupon_upc as offer_name,
        'coupon' as offer_type,
        any_value(latest_campaigns.starts_on) as starts_on,
        any_value(latest_campaigns.ends_on) as ends_on,
        max(source._loaded_at) as loaded_at,
        max(source._batch_id) as batch_id,
        max(source._source_file) as source_file

    from source

    left join latest_campaigns
        on source.campaign_id = latest_campaigns.campaign_id

    group by source.campaign_id, source.coupon_upc

)

select * from final
