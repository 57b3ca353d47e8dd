-- What customers paid, their margin, and what was told of shipping and payment add up
-- to those of the facts, by id space, month and currency, to the cent.

with

profits as (

    select * from {{ ref('customer_profitability') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

facts as (

    select
        source_system,
        date_key,
        currency_code,
        net_amount,
        margin_amount,
        0 as delivery_amount

    from {{ ref('fct_sales_line') }}

    union all

    select
        source_system,
        date_key,
        currency_code,
        0 as net_amount,
        0 as margin_amount,
        allocated_shipping_amount + allocated_payment_amount as delivery_amount

    from {{ ref('fct_order_cost_allocation') }}

),

of_facts as (

    select
        {{ id_space_of_system('facts.source_system') }} as id_space,
        date_trunc('month', facts.date_key)::date as month_start,
        facts.currency_code,
        sum(facts.net_amount) as net_amount,
        coalesce(sum(facts.margin_amount), 0) as margin_amount,
        sum(facts.delivery_amount) as delivery_amount

    from facts

    group by
        id_space,
        month_start,
        facts.currency_code

),

of_profits as (

    select
        id_space,
        month_start,
        currency_code,
        sum(net_amount) as net_amount,
        sum(margin_amount) as margin_amount,
        sum(shipping_cost_amount + payment_cost_amount) as delivery_amount

    from profits

    group by
        id_space,
        month_start,
        currency_code

),

final as (

    select
        of_facts.*,
        of_profits.net_amount as told_net_amount,
        of_profits.margin_amount as told_margin_amount

    from of_facts

    inner join cutoffs
        on
            of_facts.id_space = cutoffs.id_space
            and of_facts.month_start <= cutoffs.cutoff_date

    left join of_profits
        on
            of_facts.id_space = of_profits.id_space
            and of_facts.month_start = of_profits.month_start
            and of_facts.currency_code = of_profits.currency_code

    where
        cutoffs.is_current
        and (
            of_facts.net_amount is distinct from of_profits.net_amount
            or of_facts.margin_amount is distinct from of_profits.margin_amount
            or of_facts.delivery_amount is distinct from of_profits.delivery_amount
        )

)

select * from final
