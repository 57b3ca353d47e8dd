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

    select
        source_system,
        batch_id,
        min(loaded_at) as loaded_at,
        max(date_key) as last_business_date

    from events

    group by source_system, batch_id

),

known as (

    select
        source_system,
        batch_id,
        max(last_business_date) over (
            partition by source_system
            order by loaded_at, batch_id
            rows between unbounded preceding and 1 preceding
        ) as known_through

    from batches

),

final as (

    select
        {{ id_space_of_system('events.source_system') }} as id_space,
        case
            when known.known_through >= events.date_key then known.known_through + 1
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

    inner join known
        on
            events.source_system = known.source_system
            and events.batch_id = known.batch_id

    inner join plans
        on events.plan_key = plans.plan_key

    where events.customer_key not between -4 and -1

)

select * from final
