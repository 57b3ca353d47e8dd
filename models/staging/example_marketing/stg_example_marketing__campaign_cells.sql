{#  A cell as each of its changes left it; the one changed last counts.  #}

with

source as (

    select * from {{ source('example_marketing', 'cells') }}

),

final as (

    select
        cell_id || '|' || changed_at as source_record_id,
        cell_id as source_cell_id,
        {{ to_utc('changed_at', 'example_marketing') }} as changed_at,
        campaign_id as source_campaign_id,
        programme,
        campaign_name,
        wave,
        cell_name,
        replace(objective, '_', ' ') as objective,
        treatment_code,
        control_type,
        channel_code,
        offer_id as source_offer_id,
        starts_on,
        ends_on,
        {{ record_columns() }}

    from source

)

select * from final
