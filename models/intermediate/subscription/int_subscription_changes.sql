{#  Grain: one row a subscription event, with the monthly revenue before and after it
    and the one movement that it is.

    What it is, the amounts say and not the name of the event: from nothing to
    something is new the first time and a reactivation after that, from something to
    nothing is churn. Of two events at one moment the one with the greater id is the
    later.  #}

with

subscription_events as (

    select * from {{ ref('int_subscription_events') }}

),

followed as (

    select
        *,
        {{ durable_id('source_subscription_id') }} as subscription_id,
        {{ durable_id('source_customer_id') }} as customer_id,
        {{ durable_id('source_plan_id') }} as plan_id,
        lag(mrr_amount, 1, 0) over life as previous_mrr_amount,
        coalesce(
            max(mrr_amount) over (
                partition by id_space, source_subscription_id
                order by occurred_at, source_record_id
                rows between unbounded preceding and 1 preceding
            ),
            0
        ) > 0 as was_ever_live

    from subscription_events

    window life as (
        partition by id_space, source_subscription_id
        order by occurred_at, source_record_id
    )

),

final as (

    select
        source_system,
        id_space,
        source_record_id,
        subscription_id,
        customer_id,
        plan_id,
        currency_code,
        occurred_at,
        occurred_at_local,
        previous_mrr_amount,
        mrr_amount,
        mrr_amount - previous_mrr_amount as mrr_change,
        case
            when mrr_amount = previous_mrr_amount then 'none'
            when previous_mrr_amount = 0 and was_ever_live then 'reactivation'
            when previous_mrr_amount = 0 then 'new'
            when mrr_amount = 0 then 'churn'
            when mrr_amount > previous_mrr_amount then 'expansion'
            else 'contraction'
        end as movement,
        loaded_at,
        batch_id

    from followed

)

select * from final
