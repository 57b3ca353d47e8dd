{#  A household's answers, one row a delivery; the many that never answered reach
    dim_customer as inferred members.  #}

with

source as (

    select * from {{ source('complete_journey', 'demographics') }}

),

final as (

    select
        household_id || '|' || _extracted_at as source_record_id,
        household_id::varchar as source_customer_id,
        _extracted_at as changed_at,
        'household' as customer_type,
        age as age_band,
        income as income_band,
        household_size as household_size_band,
        household_comp as household_composition,
        kids_count as children_band,
        home_ownership,
        marital_status,
        {{ record_columns() }}

    from source

)

select * from final
