{#  Grain: one row a visit that visits or steps name: what its steps add up to, and
    whether it ended in an order.

    Steps may come in another delivery than their visit. Built incrementally, what is
    done again is a whole visit of which it or any step came: loaded_at is that of the
    newest of them.  #}

with

visits as (

    select * from {{ ref('int_visits') }}

),

visit_steps as (

    select * from {{ ref('int_visit_steps') }}

),

step_totals as (

    select
        id_space,
        source_visit_id,
        count(*) as step_count,
        max(step_number) as last_step_number,
        min(step_number) filter (step_type in ('cart', 'checkout', 'payment'))
            as basket_step_number,
        max(step_number) filter (step_type = 'confirmation')
            as confirmation_step_number,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from visit_steps

    group by id_space, source_visit_id

),

final as (

    select
        id_space,
        source_visit_id,
        coalesce(step_totals.step_count, 0) as step_count,
        step_totals.last_step_number,
        step_totals.basket_step_number,
        coalesce(
            step_totals.confirmation_step_number,
            case
                when visits.source_order_id is not null
                    then step_totals.last_step_number
            end
        ) as purchase_step_number,
        visits.source_order_id is not null
        or step_totals.confirmation_step_number is not null as is_purchased,
        greatest(visits.loaded_at, step_totals.loaded_at) as loaded_at,
        greatest(visits.batch_id, step_totals.batch_id) as batch_id

    from visits

    full join step_totals
        using (id_space, source_visit_id)

)

select * from final
