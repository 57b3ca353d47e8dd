{#  Who calls and does not say who they are is anonymous.  #}

with

source as (

    select * from {{ source('example_call_centre', 'interactions') }}

),

final as (

    select
        interaction_id as source_record_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        case_id as source_case_id,
        order_id as source_order_id,
        employee_id as source_employee_id,
        direction,
        channel_code,
        topic_code as source_reason_id,
        product_id as source_product_id,
        {{ to_utc('started_at', 'example_call_centre') }} as started_at,
        {{ business_time('started_at', 'example_call_centre') }} as started_at_local,
        wait_seconds,
        handle_seconds,
        transfer_count,
        is_abandoned,
        {{ record_columns() }}

    from source

)

select * from final
