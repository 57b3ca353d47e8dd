{#  One row a household that a campaign was mailed to, on the campaign's first day.

    Who was mailed may come before the campaign's description; then the day is not
    known yet.  #}

with

source as (

    select * from {{ source('complete_journey', 'campaigns') }}

),

campaigns as (

    select * from {{ source('complete_journey', 'campaign_descriptions') }}

),

latest_campaigns as (

    select
        campaign_id,
        arg_max(start_date, (_loaded_at, _batch_id, _source_file))::date as starts_on

    from campaigns

    group by campaign_id

),

final as (

    select
        source.campaign_id || '|' || source.household_id as source_record_id,
        source.campaign_id::varchar as source_cell_id,
        source.household_id::varchar as source_customer_id,
        coalesce(latest_campaigns.starts_on, date '1900-01-01') as assigned_on,
        true as is_contacted,
        'coupon' as channel_code,
        {{ record_columns('source') }}

    from source

    left join latest_campaigns
        on source.campaign_id = latest_campaigns.campaign_id

)

select * from final
