with

source as (

    select * from {{ source('example_crm', 'plans') }}

),

final as (

    select
        plan_id || '|' || changed_at as source_record_id,
        plan_id as source_plan_id,
        {{ to_utc('changed_at', 'example_crm') }} as changed_at,
        plan_name,
        plan_family,
        plan_rank,
        contract_months,
        is_elite,
        'EUR' as currency_code,
        monthly_price,
        {{ record_columns() }}

    from source

)

select * from final
