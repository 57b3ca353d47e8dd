{#  Grain: one row an event of a subscription. What it moved depends on the event before
    it, so movements of revenue are in fct_subscription_month.  #}

with

subscription_events as (

    select * from {{ ref('int_subscription_events') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

plans as (

    select * from {{ ref('dim_plan_product') }}

),

previous_plans as (

    select * from {{ ref('dim_plan_product') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_plan_id') }} as named_plan_id,
        {{ durable_id('source_previous_plan_id') }} as named_previous_plan_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        occurred_at_local::date as date_key

    from subscription_events

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as subscription_event_key,
        identified.date_key,
        (
            hour(identified.occurred_at_local) * 60
            + minute(identified.occurred_at_local)
        )::smallint as time_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(plans.plan_key, {{ special_key('not_applicable') }}) as plan_key,
        coalesce(previous_plans.plan_key, {{ special_key('not_applicable') }})
            as previous_plan_key,
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_subscription_id', 'identified.id_space') }}
            as subscription_id,
        identified.event_type,
        case
            when plans.plan_id is null and previous_plans.plan_id is null then 'none'
            when previous_plans.plan_id is null then 'enter'
            when plans.plan_id is null then 'leave'
            when plans.plan_id = previous_plans.plan_id then 'stay'
            when plans.plan_family <> previous_plans.plan_family then 'across'
            when plans.plan_rank > previous_plans.plan_rank then 'up'
            when plans.plan_rank < previous_plans.plan_rank then 'down'
            else 'across'
        end as migration,
        identified.occurred_at,

        -- measures
        1::integer as event_count,
        (identified.event_type = 'start')::integer as started_count,
        (identified.event_type = 'change')::integer as changed_count,
        (identified.event_type = 'cancel')::integer as cancelled_count,
        (identified.event_type = 'reactivate')::integer as reactivated_count,
        identified.currency_code,
        identified.mrr_amount,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.occurred_at'
        ) }}

    left join plans
        on {{ as_was(
            'plans', 'plan_id', of='identified.named_plan_id', at='identified.occurred_at'
        ) }}

    left join previous_plans
        on {{ as_was(
            'previous_plans', 'plan_id', of='identified.named_previous_plan_id', at='identified.occurred_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
