-- All movements of a subscription together are what its last event before the as-of day
-- left it with, to the cent.

with

moved as (

    select
        subscription_id,
        sum(
            new_mrr_amount
            + expansion_mrr_amount
            + contraction_mrr_amount
            + churn_mrr_amount
            + reactivation_mrr_amount
        ) as moved_amount,
        sum(event_count) as event_count

    from {{ ref('fct_subscription_month') }}

    group by subscription_id

),

events as (

    select
        events.id_space || ':' || events.source_subscription_id as subscription_id,
        arg_max(
            events.mrr_amount, row(events.occurred_at, events.source_record_id)
        ) as mrr_amount,
        count(*) as event_count

    from {{ ref('int_subscription_events') }} as events

    inner join {{ ref('int_subscription_as_of') }} as as_of
        on
            events.id_space = as_of.id_space
            and events.occurred_at_local::date <= as_of.as_of

    group by events.id_space, events.source_subscription_id

)

select
    subscription_id,
    events.mrr_amount,
    moved.moved_amount,
    events.event_count,
    moved.event_count as moved_event_count

from events

full join moved
    using (subscription_id)

where
    events.mrr_amount is distinct from moved.moved_amount
    or events.event_count is distinct from moved.event_count
