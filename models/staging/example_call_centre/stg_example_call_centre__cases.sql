{#  A case of somebody who did not say who they are is anonymous.  #}

with

source as (

    select * from {{ source('example_call_centre', 'cases') }}

),

final as (

    select
        case_id as source_record_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        order_id as source_order_id,
        product_id as source_product_id,
        employee_id as source_employee_id,
        store_id as source_store_id,
        channel_code,
        topic_code as source_reason_id,
        priority,
        status as case_status,
        {{ to_utc('opened_at', 'example_call_centre') }} as opened_at,
        {{ business_time('opened_at', 'example_call_centre') }} as opened_at_local,
        {{ to_utc('assigned_at', 'example_call_centre') }} as assigned_at,
        ({{ business_time('assigned_at', 'example_call_centre') }})::date
            as assigned_on,
        {{ to_utc('first_answered_at', 'example_call_centre') }} as first_answered_at,
        ({{ business_time('first_answered_at', 'example_call_centre') }})::date
            as first_answered_on,
        {{ to_utc('resolved_at', 'example_call_centre') }} as resolved_at,
        ({{ business_time('resolved_at', 'example_call_centre') }})::date
            as resolved_on,
        {{ to_utc('closed_at', 'example_call_centre') }} as closed_at,
        ({{ business_time('closed_at', 'example_call_centre') }})::date as closed_on,
        {{ to_utc('reopened_at', 'example_call_centre') }} as reopened_at,
        ({{ business_time('reopened_at', 'example_call_centre') }})::date
            as reopened_on,
        {{ to_utc('changed_at', 'example_call_centre') }} as changed_at,
        {{ record_columns() }}

    from source

)

select * from final
