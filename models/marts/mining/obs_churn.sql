{#  Grain: one row a customer who ordered in the last `churn_known_days` days, and
    cut-off. Features come from the month's end alone; labels are what came after the
    gap, as it was recorded by the day that the observation is learned from.  #}

with

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

cutoffs as (

    select * from {{ ref('int_churn_cutoff') }}

),

customer_days as (

    select * from {{ ref('int_customer_day') }}

),

outcomes as (

    select
        cutoffs.cutoff_date,
        customer_days.customer_id,
        min(customer_days.date_key) as next_order_date,
        count(*) filter (
            customer_days.date_key between cutoffs.label_from and cutoffs.label_to
        ) as orders_in_time

    from customer_days

    inner join cutoffs
        on
            customer_days.id_space = cutoffs.id_space
            and customer_days.date_key > cutoffs.cutoff_date
            and customer_days.date_key <= cutoffs.labelled_by
            and customer_days.recorded_on <= cutoffs.labelled_by

    where customer_days.order_count > 0 and cutoffs.is_mature

    group by cutoffs.cutoff_date, customer_days.customer_id

),

measured as (

    select
        month_ends.*,
        month_ends.total_interval_days / nullif(month_ends.order_day_count - 1, 0)
            as mean_interval_days

    from month_ends

    where month_ends.recency_days < {{ var('churn_known_days') }}

),

final as (

    select
        measured.id_space,
        measured.customer_id,
        measured.cutoff_date,
        cutoffs.is_current,
        cutoffs.is_mature,
        cutoffs.is_scored,
        cutoffs.is_training,
        cutoffs.training_cutoff_date,
        cutoffs.label_from,
        cutoffs.label_to,
        measured.recency_days,
        measured.order_day_count,
        measured.order_day_count_91,
        measured.mean_interval_days::double as mean_interval_days,
        ln(1 + measured.recency_days)::double as silence,
        -- null after one order: greatest passes over it
        case
            when measured.order_day_count > 1
                then
                    ln(
                        1 + measured.recency_days
                        / greatest(measured.mean_interval_days, 1)
                    )
        end::double as lateness,
        case
            when measured.order_day_count = 1
                then ln(1 + measured.recency_days)
            else 0
        end::double as only_order,
        ln(1 + measured.order_day_count_91)::double as recent_orders,
        ln(1 + measured.order_day_count_365)::double as orders_of_year,
        ln(
            (1 + measured.last_interval_days)
            / (1 + greatest(measured.mean_interval_days, 1))
        )::double as slowing,
        ln(
            1 + greatest(measured.value_amount_365, 0)
            / greatest(measured.order_day_count_365, 1)
        )::double as value_of_order,
        case
            when measured.value_amount_365 > 0
                then
                    least(greatest(
                        measured.value_amount_91 / measured.value_amount_365, 0
                    ), 1)
        end::double as recent_share_of_value,
        case
            when cutoffs.is_mature
                then (coalesce(outcomes.orders_in_time, 0) = 0)::integer
        end::integer as label_churned,
        (outcomes.next_order_date - measured.cutoff_date)::integer
            as label_days_to_order

    from measured

    inner join cutoffs
        on
            measured.id_space = cutoffs.id_space
            and measured.cutoff_date = cutoffs.cutoff_date

    left join outcomes
        on
            measured.customer_id = outcomes.customer_id
            and measured.cutoff_date = outcomes.cutoff_date

)

select * from final
