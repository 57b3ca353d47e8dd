-- On every day on which something changes, the weights of each customer add up to 1,
-- and so do those of each household that has members.

with

bridge as (

    select * from {{ ref('bridge_customer_household') }}

),

sums as (

    {% for weight, member in [
        ('weight_of_customer', 'customer_id'), ('weight_in_household', 'household_id')
    ] -%}
    select
        '{{ weight }}' as weight,
        {{ member }} as member_id,
        valid_from as changed_on,
        {{ weight }} as change

    from bridge

    where {{ weight }} is not null

    union all

    select
        '{{ weight }}' as weight,
        {{ member }} as member_id,
        valid_to as changed_on,
        -{{ weight }} as change

    from bridge

    where {{ weight }} is not null and valid_to < {{ open_end_date() }}

    {{ 'union all' if not loop.last }}

    {% endfor -%}

),

daily as (

    select
        weight,
        member_id,
        changed_on,
        sum(sum(change)) over (
            partition by weight, member_id order by changed_on
        ) as total

    from sums

    group by weight, member_id, changed_on

)

select * from daily

where
    total <> 1
    and not (total = 0 and weight = 'weight_in_household')
