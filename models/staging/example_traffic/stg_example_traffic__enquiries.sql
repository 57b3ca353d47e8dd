{#  One row a question or request at a till, on the phone, in a chat or a search.  #}

with

source as (

    select * from {{ source('example_traffic', 'enquiries') }}

),

final as (

    select
        -- ids
        enquiry_id as source_record_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        visitor_id as source_visitor_id,
        store_id as source_store_id,
        'not_applicable' as store_absence,
        employee_id as source_employee_id,
        topic_code as source_reason_id,
        product_id as source_product_id,
        alternative_product_id as source_alternative_product_id,
        order_id as source_order_id,

        -- time
        {{ to_utc('asked_at', 'example_traffic') }} as asked_at,
        {{ business_time('asked_at', 'example_traffic') }} as asked_at_local,

        -- kinds
        channel_code,
        is_in_stock,
        is_answered,
        is_alternative_offered,
        is_alternative_accepted,

        {{ record_columns() }}

    from source

)

select * from final
