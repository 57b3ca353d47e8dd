{#  Grain: one row an event of a subscription. What it moved depends on the event before
    it, so movements of revenue are in fct_subscription_month.

    Incremental: the records of new batches are added, or take the place of what was
    known of them; and what a changed plan makes read otherwise is told again.  #}

{{ config(
    materialized='incremental',
    unique_key='subscription_event_key',
    meta={'as_was': {'customer': 'occurred_at'}},
) }}

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

looked_up as (

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
        identified.named_plan_id,
        identified.named_previous_plan_id,
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_subscription_id', 'identified.id_space') }}
            as subscription_id,
        identified.event_type,
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

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

),

{% if is_incremental() -%}
changed_plans as (

    select plans.plan_id

    from plans

    where {{ may_have_changed('dim_plan_product', 'plans') }}

),

told_again as (

    select
        * exclude (plan_key, plan_id, previous_plan_key, previous_plan_id, migration),
        nullif(plan_id, 'not_applicable') as named_plan_id,
        nullif(previous_plan_id, 'not_applicable') as named_previous_plan_id,
        row(plan_key, previous_plan_key, migration) as told_before

    from {{ this }}

    where
        (
            plan_id in (select changed_plans.plan_id from changed_plans)
            or previous_plan_id in (select changed_plans.plan_id from changed_plans)
        )
        and subscription_event_key not in (
            select looked_up.subscription_event_key from looked_up
        )

),

{% endif -%}
events as (

    select * from looked_up
    {% if is_incremental() %}
    union all by name

    select * from told_again
    {% endif %}
),

migrated as (

    select
        events.*,
        coalesce(plans.plan_key, {{ special_key('not_applicable') }}) as plan_key,
        coalesce(plans.plan_id, 'not_applicable') as plan_id,
        coalesce(previous_plans.plan_key, {{ special_key('not_applicable') }})
            as previous_plan_key,
        coalesce(previous_plans.plan_id, 'not_applicable') as previous_plan_id,
        {{ plan_migration('previous_plans', 'plans') }} as migration

    from events

    left join plans
        on {{ as_was(
            'plans', 'plan_id', of='events.named_plan_id', at='events.occurred_at'
        ) }}

    left join previous_plans
        on {{ as_was(
            'previous_plans', 'plan_id', of='events.named_previous_plan_id', at='events.occurred_at'
        ) }}

),

final as (

    select
        * exclude (
            named_plan_id,
            named_previous_plan_id{{ ', told_before' if is_incremental() }}
        )

    from migrated
    {% if is_incremental() %}
    where
        told_before is null
        or told_before
        is distinct from row(plan_key, previous_plan_key, migration)
    {% endif %}
    order by date_key

)

select * from final
