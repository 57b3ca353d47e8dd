-- The base of a system closes a month with what it opens the next with.

with

base as (

    select
        source_system,
        month_start,
        sum(opening_count) as opening_count,
        sum(closing_count) as closing_count

    from {{ ref('fct_customer_month') }}

    group by source_system, month_start

),

followed as (

    select
        *,
        lead(opening_count) over (
            partition by source_system order by month_start
        ) as next_opening_count

    from base

)

select * from followed

where next_opening_count is not null and closing_count <> next_opening_count
