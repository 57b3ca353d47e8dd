{#  A survey without a name is anonymous.  #}

with

source as (

    select * from {{ source('example_call_centre', 'satisfaction') }}

),

final as (

    select
        answer_id as source_record_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        interaction_id as source_interaction_id,
        case_id as source_case_id,
        order_id as source_order_id,
        store_id as source_store_id,
        employee_id as source_employee_id,
        channel_code,
        indicator,
        score,
        reason_code as source_reason_id,
        {{ to_utc('answered_at', 'example_call_centre') }} as answered_at,
        {{ business_time('answered_at', 'example_call_centre') }} as answered_at_local,
        {{ record_columns() }}

    from source

)

select * from final
