{#  Grain: one row an event of a subscription, with the business day on which it was
    recorded: as int_known_line tells it of sales lines.  #}

{{ config(materialized='view') }}

with

events as (

    select * from {{ ref('fct_subscription_event') }}

),

plans as (

    select * from {{ ref('dim_plan_product') }}

),

batches as (

    select * from {{ known_batches('events') }} as loads

),

final as (

    select
        {{ id_space_of_system('events.source_system') }} as id_space,
        case
            when batches.known_through >= events.date_key
                then batches.known_through + 1
            else events.date_key
        end as recorded_on,
        events.date_key,
        events.occurred_at,
        events.customer_id,
        events.subscription_id,
        events.event_type,
        events.mrr_amount,
        events.currency_code,
        plans.plan_name,
        plans.plan_rank,
        coalesce(plans.contract_months, 0) as contract_months,
        events.source_record_id

    from events

    inner join batches
        on
            events.source_system = batches.source_system
            and events.batch_id = batches.batch_id

    inner join plans
        on events.plan_key = plans.plan_key

    where events.customer_key not between -4 and -1

)

select * from final
