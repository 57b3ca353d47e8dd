{#  08: how many of each month's new customers bought again in each later month, and
    what a customer of the cohort has brought so far?

    Only mature cells: a cohort is compared in a month that is over. Margin is null
    where the system does not know its costs; net stands beside it.  #}

with

customer_months as (

    select * from {{ ref('fct_customer_month') }}

),

cohorts as (

    select
        *,
        min(month_start) over (partition by customer_id) as cohort_month

    from customer_months

),

cells as (

    select
        source_system,
        currency_code,
        cohort_month,
        month_number,
        count(*) as customers,
        count(*) filter (order_count > 0 or month_number = 0) as buyers,
        sum(net_amount) as net_amount,
        case when count(*) = count(margin_amount) then sum(margin_amount) end
            as margin_amount

    from cohorts

    where is_complete_month

    group by source_system, currency_code, cohort_month, month_number

),

final as (

    select
        source_system,
        currency_code,
        strftime(cohort_month, '%Y-%m') as cohort,
        month_number,
        customers,
        buyers,
        round(buyers / nullif(customers, 0), 4) as retention,
        round(
            sum(net_amount) over life / nullif(customers, 0), 2
        ) as cumulative_net_per_customer,
        round(
            sum(margin_amount) over life / nullif(customers, 0), 2
        ) as cumulative_margin_per_customer

    from cells

    window life as (
        partition by source_system, currency_code, cohort_month order by month_number
    )

)

select * from final

order by source_system, cohort, month_number
