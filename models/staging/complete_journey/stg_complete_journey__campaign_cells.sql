{#  Each campaign has one cell: the households that were mailed. Nobody was held
    out, so nothing in this system can say what a campaign caused.  #}

with

source as (

    select * from {{ source('complete_journey', 'campaign_descriptions') }}

),

final as (

    select
        campaign_id::varchar as source_record_id,
        campaign_id::varchar as source_cell_id,
        campaign_id::varchar as source_campaign_id,
        campaign_type as programme,
        'Campaign ' || campaign_id as campaign_name,
        'Wave 1' as wave,
        'Mailed' as cell_name,
        'grow' as objective,
        'coupon booklet' as treatment_code,
        'none' as control_type,
        'coupon' as channel_code,
        start_date::date as starts_on,
        end_date::date as ends_on,
        {{ record_columns() }}

    from source

)

select * from final
