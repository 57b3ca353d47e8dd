{#  What a plan wants sold. The plan is in EUR.  #}

with

source as (

    select * from {{ source('example_shop', 'targets') }}

),

final as (

    select
        concat_ws(
            '|', plan_version, month_start, region, department, loyalty_tier
        ) as source_record_id,
        plan_version,
        month_start,
        region,
        department,
        loyalty_tier,
        'EUR' as currency_code,
        target_net_amount,
        target_order_count,
        {{ record_columns() }}

    from source

)

select * from final
