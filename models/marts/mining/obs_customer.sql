{#  Grain: one row a customer and cut-off. Features are those of the month's end; labels
    are what came after the gap, null until the whole horizon is over.  #}

with

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

customer_days as (

    select * from {{ ref('int_customer_day') }}

),

outcomes as (

    select
        cutoffs.cutoff_date,
        customer_days.customer_id,
        sum(customer_days.order_count) as order_count,
        count(distinct customer_days.date_key) filter (customer_days.order_count > 0)
            as order_day_count,
        sum(customer_days.net_amount) as net_amount,
        sum(customer_days.margin_amount) as margin_amount

    from customer_days

    inner join cutoffs
        on
            customer_days.id_space = cutoffs.id_space
            and customer_days.date_key between cutoffs.label_from and cutoffs.label_to

    where cutoffs.is_mature and cutoffs.is_observed

    group by cutoffs.cutoff_date, customer_days.customer_id

),

final as (

    select
        month_ends.*,
        cutoffs.is_current,
        cutoffs.is_mature,
        cutoffs.label_from,
        cutoffs.label_to,
        case when cutoffs.is_mature then coalesce(outcomes.order_count, 0) end::integer
            as label_order_count,
        case
            when cutoffs.is_mature then coalesce(outcomes.order_day_count, 0)
        end::integer as label_order_day_count,
        case
            when not cutoffs.is_mature then null
            when outcomes.customer_id is null then 0
            when month_ends.value_basis = 'margin' then outcomes.margin_amount
            else outcomes.net_amount
        end::decimal(18, 2) as label_value_amount

    from month_ends

    inner join cutoffs
        on
            month_ends.id_space = cutoffs.id_space
            and month_ends.cutoff_date = cutoffs.cutoff_date

    left join outcomes
        on
            month_ends.customer_id = outcomes.customer_id
            and month_ends.cutoff_date = outcomes.cutoff_date

    where cutoffs.is_observed

)

select * from final
