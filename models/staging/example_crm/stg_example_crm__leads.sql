{#  A lead that is no party yet is anonymous: there is nobody that it could name.  #}

with

source as (

    select * from {{ source('example_crm', 'leads') }}

),

final as (

    select
        lead_id as source_record_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        source as lead_source,
        referred_by_party_id as source_referrer_id,
        cell_id as source_cell_id,
        product_id as source_product_id,
        employee_id as source_employee_id,
        store_id as source_store_id,
        channel_code,
        {{ to_utc('created_at', 'example_crm') }} as created_at,
        {{ business_time('created_at', 'example_crm') }} as created_at_local,
        {{ to_utc('contacted_at', 'example_crm') }} as contacted_at,
        ({{ business_time('contacted_at', 'example_crm') }})::date as contacted_on,
        {{ to_utc('qualified_at', 'example_crm') }} as qualified_at,
        ({{ business_time('qualified_at', 'example_crm') }})::date as qualified_on,
        {{ to_utc('offered_at', 'example_crm') }} as offered_at,
        ({{ business_time('offered_at', 'example_crm') }})::date as offered_on,
        {{ to_utc('converted_at', 'example_crm') }} as converted_at,
        ({{ business_time('converted_at', 'example_crm') }})::date as converted_on,
        {{ to_utc('lost_at', 'example_crm') }} as lost_at,
        ({{ business_time('lost_at', 'example_crm') }})::date as lost_on,
        lost_reason_code as source_reason_id,
        order_id as source_order_id,
        {{ to_utc('changed_at', 'example_crm') }} as changed_at,
        {{ record_columns() }}

    from source

)

select * from final
