-- The periods of a customer reach from the beginning to the open end, so that an inner
-- join of a fact to its household loses no row.

with

bridge as (

    select * from {{ ref('bridge_customer_household') }}

),

reach as (

    select
        customer_id,
        valid_from,
        valid_to,
        coalesce(
            max(valid_to) over (
                partition by customer_id
                order by valid_from, valid_to
                rows between unbounded preceding and 1 preceding
            ),
            {{ unknown_date() }}
        ) as covered_to

    from bridge

),

gaps as (

    select
        customer_id,
        bool_or(valid_from > covered_to) as has_gap,
        max(valid_to) as covered_to

    from reach

    group by customer_id

)

select
    customers.customer_id,
    gaps.has_gap,
    gaps.covered_to

from (select distinct customer_id from {{ ref('dim_customer') }}) as customers

left join gaps
    on customers.customer_id = gaps.customer_id

where
    gaps.has_gap is not false
    or gaps.covered_to is distinct from {{ open_end_date() }}
