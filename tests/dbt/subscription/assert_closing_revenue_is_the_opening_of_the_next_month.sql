-- The subscriptions of a system close a month with the revenue and the number with
-- which they open the next; months in which one lies idle have no row and bring nought.

with

monthly as (

    select
        source_system,
        currency_code,
        month_start,
        sum(opening_mrr_amount) as opening_mrr_amount,
        sum(closing_mrr_amount) as closing_mrr_amount,
        sum(opening_count) as opening_count,
        sum(closing_count) as closing_count

    from {{ ref('fct_subscription_month') }}

    group by source_system, currency_code, month_start

),

last_months as (

    select
        source_system,
        max(month_start) as last_month

    from monthly

    group by source_system

)

select
    monthly.*,
    next_months.opening_mrr_amount as next_opening_mrr_amount,
    next_months.opening_count as next_opening_count

from monthly

inner join last_months
    on
        monthly.source_system = last_months.source_system
        and monthly.month_start < last_months.last_month

left join monthly as next_months
    on
        monthly.source_system = next_months.source_system
        and monthly.currency_code = next_months.currency_code
        and monthly.month_start + interval 1 month = next_months.month_start

where
    monthly.closing_mrr_amount <> coalesce(next_months.opening_mrr_amount, 0)
    or monthly.closing_count <> coalesce(next_months.opening_count, 0)
