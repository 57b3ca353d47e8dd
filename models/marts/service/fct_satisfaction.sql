{#  Grain: one row an answer to a survey. A score is never added up over indicators; its
    parts are, each for the indicator that has it.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='satisfaction_key',
    meta={'as_was': {
        'customer': 'answered_at', 'employee': 'answered_at', 'store': 'answered_at',
    }},
) }}

with

satisfaction_answers as (

    select * from {{ ref('int_satisfaction_answers') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

employees as (

    select * from {{ ref('dim_employee') }}

),

stores as (

    select * from {{ ref('dim_store') }}

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
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        answered_at_local::date as date_key

    from satisfaction_answers

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as satisfaction_key,
        identified.date_key,
        (
            hour(identified.answered_at_local) * 60
            + minute(identified.answered_at_local)
        )::smallint as time_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(stores.store_key, {{ special_key('not_applicable') }}) as store_key,
        coalesce(stores.store_id, 'not_applicable') as store_id,
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_interaction_id', 'identified.id_space') }}
            as interaction_id,
        {{ durable_id('identified.source_case_id', 'identified.id_space') }}
            as case_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        identified.indicator,
        identified.answered_at,

        -- measures
        identified.score::integer as score,
        1::integer as answer_count,
        identified.score as score_sum,
        case
            when identified.indicator = 'nps' then (identified.score >= 9)::integer
        end as promoter_count,
        case
            when identified.indicator = 'nps'
                then (identified.score between 7 and 8)::integer
        end as passive_count,
        case
            when identified.indicator = 'nps' then (identified.score <= 6)::integer
        end as detractor_count,
        case
            when identified.indicator = 'csat' then (identified.score >= 4)::integer
        end as satisfied_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.answered_at'
        ) }}

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.answered_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.answered_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
