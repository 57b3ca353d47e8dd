with

source as (

    select * from {{ source('example_crm', 'subscription_events') }}

),

final as (

    select
        event_id as source_record_id,
        subscription_id as source_subscription_id,
        party_id as source_customer_id,
        event_type,
        from_plan_id as source_previous_plan_id,
        to_plan_id as source_plan_id,
        'EUR' as currency_code,
        mrr_amount,
        reason_code as source_reason_id,
        channel_code,
        {{ to_utc('occurred_at', 'example_crm') }} as occurred_at,
        {{ business_time('occurred_at', 'example_crm') }} as occurred_at_local,
        {{ record_columns() }}

    from source

)

select * from final
