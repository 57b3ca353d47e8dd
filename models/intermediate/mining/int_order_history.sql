{#  Grain: one row a customer and cut-off that churn is scored at: the days between the
    own orders, and since the last.  #}

{{ config(materialized='view') }}

with

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

cutoffs as (

    select * from {{ ref('int_churn_cutoff') }}

),

final as (

    select
        month_ends.id_space,
        month_ends.cutoff_date,
        month_ends.customer_id,
        (month_ends.order_day_count - 1)::integer as intervals,
        month_ends.total_interval_days as total_days,
        coalesce(month_ends.log_interval_days, 0)::double as log_days,
        month_ends.recency_days as silent_days

    from month_ends

    inner join cutoffs
        on
            month_ends.id_space = cutoffs.id_space
            and month_ends.cutoff_date = cutoffs.cutoff_date

    where
        cutoffs.is_scored
        and month_ends.recency_days < {{ var('churn_known_days') }}

)

select * from final
