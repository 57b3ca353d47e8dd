{#  Grain: one row a customer and month's end, from the customer's first order on. All
    that is told of a customer at a month's end comes from this model, which reads only
    days up to it that were recorded up to it: nothing later can leak in.  #}

with

customer_days as (

    select * from {{ ref('int_customer_day') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

-- the only door: happened and recorded by the cut-off
known_days as (

    select
        cutoffs.id_space,
        cutoffs.cutoff_date,
        customer_days.customer_id,
        customer_days.date_key,
        sum(customer_days.order_count) as order_count,
        sum(customer_days.net_amount) as net_amount,
        sum(customer_days.margin_amount) as margin_amount,
        sum(customer_days.line_count) as line_count,
        sum(customer_days.costless_line_count) as costless_line_count,
        min(customer_days.currency_code) as least_currency_code,
        max(customer_days.currency_code) as greatest_currency_code

    from customer_days

    inner join cutoffs
        on
            customer_days.id_space = cutoffs.id_space
            and customer_days.date_key <= cutoffs.cutoff_date
            and customer_days.recorded_on <= cutoffs.cutoff_date

    group by
        cutoffs.id_space,
        cutoffs.cutoff_date,
        customer_days.customer_id,
        customer_days.date_key

),

-- value is margin where the costs of nearly all that is known are told
bases as (

    select
        id_space,
        cutoff_date,
        sum(costless_line_count)
        <= {{ var('mining_costless_share') }} * sum(line_count) as has_margin,
        (cutoff_date - min(date_key) + 1)::integer as history_days

    from known_days

    group by id_space, cutoff_date

),

valued_days as (

    select
        known_days.*,
        bases.history_days,
        case when bases.has_margin then 'margin' else 'net' end as value_basis,
        case
            when bases.has_margin then known_days.margin_amount
            else known_days.net_amount
        end as value_amount

    from known_days

    inner join bases
        on
            known_days.id_space = bases.id_space
            and known_days.cutoff_date = bases.cutoff_date

),

order_days as (

    select
        cutoff_date,
        customer_id,
        date_key,
        value_amount,
        date_key - lag(date_key) over (
            partition by customer_id, cutoff_date order by date_key
        ) as interval_days

    from valued_days

    where order_count > 0

),

rhythms as (

    select
        cutoff_date,
        customer_id,
        min(date_key) as first_order_date,
        max(date_key) as last_order_date,
        count(*) as order_day_count,
        arg_min(value_amount, date_key) as first_day_value_amount,
        sum(ln(interval_days)) as log_interval_days,
        arg_max(interval_days, date_key) as last_interval_days

    from order_days

    group by cutoff_date, customer_id

),

amounts as (

    select
        id_space,
        cutoff_date,
        customer_id,
        any_value(history_days) as history_days,
        any_value(value_basis) as value_basis,
        case
            when min(least_currency_code) = max(greatest_currency_code)
                then min(least_currency_code)
            else 'mixed'
        end as currency_code,
        sum(order_count) as order_count,
        sum(net_amount) as net_amount,
        sum(value_amount) as value_amount,
        count(*) filter (order_count > 0 and date_key > cutoff_date - 365)
            as order_day_count_365,
        coalesce(sum(value_amount) filter (date_key > cutoff_date - 365), 0)
            as value_amount_365,
        count(*) filter (order_count > 0 and date_key > cutoff_date - 91)
            as order_day_count_91,
        coalesce(sum(value_amount) filter (date_key > cutoff_date - 91), 0)
            as value_amount_91

    from valued_days

    group by id_space, cutoff_date, customer_id

),

final as (

    select
        amounts.id_space,
        amounts.customer_id,
        amounts.cutoff_date,
        amounts.value_basis,
        amounts.currency_code,
        rhythms.first_order_date,
        rhythms.last_order_date,
        (amounts.cutoff_date - rhythms.first_order_date)::integer as tenure_days,
        (amounts.cutoff_date - rhythms.last_order_date)::integer as recency_days,
        amounts.order_count::integer as order_count,
        rhythms.order_day_count::integer as order_day_count,
        amounts.order_day_count_365::integer as order_day_count_365,
        amounts.order_day_count_91::integer as order_day_count_91,
        (rhythms.last_order_date - rhythms.first_order_date)::integer
            as total_interval_days,
        rhythms.last_interval_days::integer as last_interval_days,
        rhythms.log_interval_days::double as log_interval_days,
        amounts.net_amount::decimal(18, 2) as net_amount,
        amounts.value_amount::decimal(18, 2) as value_amount,
        amounts.value_amount_365::decimal(18, 2) as value_amount_365,
        amounts.value_amount_91::decimal(18, 2) as value_amount_91,
        case
            when rhythms.order_day_count > 1
                then
                    (amounts.value_amount - rhythms.first_day_value_amount)
                    / (rhythms.order_day_count - 1)
        end::double as mean_repeat_value_amount,
        amounts.history_days::integer as history_days

    from amounts

    inner join rhythms
        on
            amounts.customer_id = rhythms.customer_id
            and amounts.cutoff_date = rhythms.cutoff_date

)

select * from final
