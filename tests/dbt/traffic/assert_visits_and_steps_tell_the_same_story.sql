-- Steps of a visit are as many in both facts, the last is there once, and both say
-- alike whether it ended in an order.

with

visits as (

    select * from {{ ref('fct_visit') }}

),

visit_steps as (

    select * from {{ ref('fct_visit_step') }}

),

steps_by_visit as (

    select
        visit_id,
        count(*) as step_count,
        count(*) filter (steps_until_end = 0) as last_steps,
        bool_or(is_purchase_visit) as is_purchase_visit

    from visit_steps

    group by visit_id

)

select
    visits.visit_id,
    visits.step_count,
    steps_by_visit.step_count as steps_found,
    steps_by_visit.last_steps

from visits

left join steps_by_visit
    on visits.visit_id = steps_by_visit.visit_id

where
    visits.step_count <> coalesce(steps_by_visit.step_count, 0)
    or coalesce(steps_by_visit.last_steps, 1) <> 1
    or coalesce(steps_by_visit.is_purchase_visit, visits.purchased_count = 1)
    <> (visits.purchased_count = 1)
