{#  18: do customers whose order came late order again less often, and does the reason
    matter?

    Of orders that were sent with a promise and have arrived, by customers who are named:
    how many were followed by another order within 90 days of the delivery. Orders whose
    90 days are not over are left out of the rate, and counted.  #}

{% set window_days = 90 %}

with

orders as (

    select * from {{ ref('fct_order_lifecycle') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

last_days as (

    select
        source_system,
        max(date_key) as last_date

    from orders

    group by source_system

),

delivered as (

    select
        orders.*,
        orders.delivered_date_key + {{ window_days }} <= last_days.last_date
            as is_mature

    from orders

    inner join last_days
        on orders.source_system = last_days.source_system

    where
        orders.promised_count = 1
        and orders.delivered_count = 1
        and orders.customer_key > 0

),

followed as (

    select distinct delivered.order_key

    from delivered

    inner join orders
        on delivered.customer_id = orders.customer_id

    where
        orders.cancelled_count = 0
        and orders.date_key > delivered.delivered_date_key
        and orders.date_key <= delivered.delivered_date_key + {{ window_days }}

),

final as (

    select
        delivered.source_system,
        delivered.is_late,
        reasons.reason_name as abnormal_reason,
        count(*) as orders,
        sum(delivered.days_late) as days_late,
        count(*) filter (delivered.is_mature) as mature_orders,
        count(*) filter (delivered.is_mature and followed.order_key is not null)
            as mature_orders_followed,
        round(
            count(*) filter (delivered.is_mature and followed.order_key is not null)
            / nullif(count(*) filter (delivered.is_mature), 0),
            4
        ) as repeat_rate_90_days

    from delivered

    inner join reasons
        on delivered.abnormal_reason_key = reasons.reason_key

    left join followed
        on delivered.order_key = followed.order_key

    group by delivered.source_system, delivered.is_late, abnormal_reason

)

select * from final

order by source_system, is_late, abnormal_reason
