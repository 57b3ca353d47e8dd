-- A month of the base opens with what the month before closed with, and closes with the
-- customers whose stage is in it.

with

movements as (

    select * from {{ ref('fct_base_movement') }}

),

stages as (

    select * from {{ ref('customer_rfm') }}

),

followed as (

    select
        id_space,
        date_key,
        closing_count,
        lead(opening_count) over (partition by id_space order by date_key) as expected

    from movements

),

counted as (

    select
        id_space,
        as_of as date_key,
        count(*) as expected

    from stages

    where lifecycle_stage in ('new', 'active', 'at_risk', 'reactivated')

    group by id_space, as_of

),

final as (

    select
        id_space,
        date_key,
        closing_count,
        expected

    from followed

    union all

    select
        movements.id_space,
        movements.date_key,
        movements.closing_count,
        counted.expected

    from movements

    inner join counted
        on
            movements.id_space = counted.id_space
            and movements.date_key = counted.date_key

)

select * from final

where closing_count <> expected
