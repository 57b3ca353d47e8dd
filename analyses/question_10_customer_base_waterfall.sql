{#  10: how did the base of active customers move, month by month?

    opening + new + reactivated - lapsed = closing, and a closing is the next opening.
    A month that is not over is shown as such.  #}

with

customer_months as (

    select * from {{ ref('fct_customer_month') }}

),

final as (

    select
        source_system,
        strftime(month_start, '%Y-%m') as month,
        bool_and(is_complete_month) as is_complete_month,
        sum(opening_count) as opening,
        sum(new_count) as new,
        sum(reactivated_count) as reactivated,
        -sum(lapsed_count) as lapsed,
        sum(closing_count) as closing

    from customer_months

    group by source_system, month_start

)

select * from final

order by source_system, month
