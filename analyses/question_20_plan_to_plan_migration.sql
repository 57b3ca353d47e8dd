{#  20: from which plan to which did subscriptions move in each quarter, those that came
    (from none) and those that went (to none) included?

    A quarter's first opening is set against its last closing: what moved there and
    back in between has not moved. The last quarter may not be over.  #}

with

subscription_months as (

    select * from {{ ref('fct_subscription_month') }}

),

plans as (

    select * from {{ ref('dim_plan_product') }}

),

quarterly as (

    select
        *,
        date_trunc('quarter', month_start)::date as quarter_start

    from subscription_months

),

-- Every quarter in which any subscription of the system has a month.
bounds as (

    select
        source_system,
        quarter_start,
        min(month_start) as first_month,
        max(month_start) as last_month,
        bool_or(
            is_complete_month and month_start = quarter_start + interval 2 month
        ) as is_complete_quarter

    from quarterly

    group by source_system, quarter_start

),

openings as (

    select
        quarterly.source_system,
        quarterly.quarter_start,
        quarterly.subscription_id,
        quarterly.customer_id,
        quarterly.currency_code,
        quarterly.opening_plan_key as plan_key,
        quarterly.opening_mrr_amount as mrr_amount

    from quarterly

    inner join bounds
        on
            quarterly.source_system = bounds.source_system
            and quarterly.month_start = bounds.first_month

    where quarterly.opening_count = 1

),

closings as (

    select
        quarterly.source_system,
        quarterly.quarter_start,
        quarterly.subscription_id,
        quarterly.customer_id,
        quarterly.currency_code,
        quarterly.plan_key,
        quarterly.closing_mrr_amount as mrr_amount

    from quarterly

    inner join bounds
        on
            quarterly.source_system = bounds.source_system
            and quarterly.month_start = bounds.last_month

    where quarterly.closing_count = 1

),

moved as (

    select
        source_system,
        quarter_start,
        subscription_id,
        coalesce(closings.customer_id, openings.customer_id) as customer_id,
        coalesce(closings.currency_code, openings.currency_code) as currency_code,
        openings.plan_key as opening_plan_key,
        closings.plan_key as closing_plan_key,
        coalesce(openings.mrr_amount, 0) as opening_mrr_amount,
        coalesce(closings.mrr_amount, 0) as closing_mrr_amount

    from openings

    full join closings
        using (source_system, quarter_start, subscription_id)

),

named as (

    select
        moved.*,
        coalesce(plans_from.plan_name, 'None') as plan_from,
        coalesce(plans_to.plan_name, 'None') as plan_to,
        {{ plan_migration('plans_from', 'plans_to') }} as migration

    from moved

    left join plans as plans_from
        on moved.opening_plan_key = plans_from.plan_key

    left join plans as plans_to
        on moved.closing_plan_key = plans_to.plan_key

),

final as (

    select
        named.source_system,
        strftime(named.quarter_start, '%Y-Q') || quarter(named.quarter_start)
            as quarter,
        bounds.is_complete_quarter,
        named.currency_code,
        named.migration,
        named.plan_from,
        named.plan_to,
        count(*) as subscriptions,
        count(distinct named.customer_id) as customers,
        sum(named.opening_mrr_amount) as opening_mrr,
        sum(named.closing_mrr_amount) as closing_mrr

    from named

    inner join bounds
        on
            named.source_system = bounds.source_system
            and named.quarter_start = bounds.quarter_start

    group by
        named.source_system,
        quarter,
        bounds.is_complete_quarter,
        named.currency_code,
        named.migration,
        named.plan_from,
        named.plan_to

)

select * from final

order by
    source_system asc,
    quarter asc,
    migration asc,
    subscriptions desc,
    plan_from asc,
    plan_to asc
