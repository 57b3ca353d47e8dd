{#  One row a web, app or assisted visit.  #}

with

source as (

    select * from {{ source('example_traffic', 'visits') }}

),

final as (

    select
        -- ids
        visit_id as source_record_id,
        visit_id as source_visit_id,
        visitor_id as source_visitor_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        store_id as source_store_id,
        'not_applicable' as store_absence,
        employee_id as source_employee_id,
        cell_id as source_cell_id,
        order_id as source_order_id,

        -- time
        {{ to_utc('started_at', 'example_traffic') }} as started_at,
        {{ business_time('started_at', 'example_traffic') }} as started_at_local,
        {{ to_utc('ended_at', 'example_traffic') }} as ended_at,

        -- kinds
        channel_code,
        entry_source,
        device_class,

        {{ record_columns() }}

    from source

)

select * from final
