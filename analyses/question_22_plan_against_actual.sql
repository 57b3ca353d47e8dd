{#  22: what was planned and what was sold, by month, region, department and loyalty
    tier?

    Of each month the version of the plan that was loaded last. Plan and sales are added
    up each on its own by the same columns, then joined, so that neither is multiplied.
    Customers count where and as what they were when they bought; sales that no plan
    foresees, such as anonymous ones, have no target. Months that no plan covers are
    left out.  #}

with

targets as (

    select * from {{ ref('fct_target') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

last_versions as (

    select
        {{ id_space_of('plan_version') }} as company,
        date_key as month_start,
        arg_max(plan_version, (loaded_at, plan_version)) as plan_version

    from targets

    group by company, month_start

),

planned as (

    select
        last_versions.company,
        last_versions.plan_version,
        targets.date_key as month_start,
        targets.region,
        targets.department,
        targets.loyalty_tier,
        targets.currency_code,
        sum(targets.target_net_amount) as target_net_amount

    from targets

    inner join last_versions
        on
            targets.plan_version = last_versions.plan_version
            and targets.date_key = last_versions.month_start

    group by
        last_versions.company,
        last_versions.plan_version,
        targets.date_key,
        targets.region,
        targets.department,
        targets.loyalty_tier,
        targets.currency_code

),

sold as (

    select
        {{ id_space_of('sales_lines.order_id') }} as company,
        date_trunc('month', sales_lines.date_key)::date as month_start,
        customers.region,
        products.department,
        customers.loyalty_tier,
        sales_lines.currency_code,
        sum(sales_lines.net_amount) as net_amount

    from sales_lines

    inner join customers
        on sales_lines.customer_key = customers.customer_key

    inner join products
        on sales_lines.product_key = products.product_key

    group by
        company,
        month_start,
        customers.region,
        products.department,
        customers.loyalty_tier,
        sales_lines.currency_code

),

sold_in_planned_months as (

    select sold.*

    from sold

    inner join last_versions
        on
            sold.company = last_versions.company
            and sold.month_start = last_versions.month_start

),

final as (

    select
        company,
        strftime(month_start, '%Y-%m') as month,
        region,
        department,
        loyalty_tier,
        currency_code,
        planned.plan_version,
        planned.target_net_amount,
        coalesce(sold_in_planned_months.net_amount, 0) as net_amount,
        coalesce(sold_in_planned_months.net_amount, 0)
        - coalesce(planned.target_net_amount, 0) as net_above_target,
        round(
            coalesce(sold_in_planned_months.net_amount, 0)::double
            / nullif(planned.target_net_amount, 0)::double,
            4
        ) as share_of_target

    from planned

    full join sold_in_planned_months
        using (company, month_start, region, department, loyalty_tier, currency_code)

)

select * from final

order by company, month, region, department, loyalty_tier
