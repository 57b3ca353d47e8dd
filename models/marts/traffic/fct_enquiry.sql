{#  Grain: one row a question or request: what was asked for, whether there was an
    answer, and what was offered instead.

    Sold means that the system itself names the order. Whether a customer bought within
    some days is a question to fct_sales_line (analysis 05), not a column.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='enquiry_key',
    meta={'as_was': {
        'customer': 'asked_at', 'store': 'asked_at', 'employee': 'asked_at',
        'product': 'asked_at',
        'alternative_product': {
            'dimension': 'product',
            'at': 'asked_at',
            'id': 'alternative_product_id',
            'key': 'alternative_product_key',
        },
    }},
) }}

with

enquiries as (

    select * from {{ ref('int_enquiries') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

visitors as (

    select * from {{ ref('dim_visitor') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

employees as (

    select * from {{ ref('dim_employee') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

alternatives as (

    select * from {{ ref('dim_product') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_visitor_id') }} as named_visitor_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_alternative_product_id') }} as named_alternative_id,
        asked_at_local::date as date_key

    from enquiries

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as enquiry_key,
        identified.date_key,
        (
            hour(identified.asked_at_local) * 60
            + minute(identified.asked_at_local)
        )::smallint as time_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(visitors.visitor_key, {{ special_key('not_applicable') }})
            as visitor_key,
        coalesce(stores.store_key, {{ absent_key('identified.store_absence') }})
            as store_key,
        coalesce(stores.store_id, {{ absent_id('identified.store_absence') }})
            as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(reasons.reason_key, {{ special_key('unknown') }}) as topic_key,
        coalesce(products.product_key, {{ special_key('not_applicable') }})
            as product_key,
        coalesce(products.product_id, 'not_applicable') as product_id,
        coalesce(alternatives.product_key, {{ special_key('not_applicable') }})
            as alternative_product_key,
        coalesce(alternatives.product_id, 'not_applicable')
            as alternative_product_id,

        -- degenerate dimensions
        {{ durable_id('identified.source_record_id', 'identified.id_space') }}
            as enquiry_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        identified.is_in_stock,
        identified.asked_at,

        -- measures
        1::integer as enquiry_count,
        identified.is_answered::integer as answered_count,
        identified.is_alternative_offered::integer as alternative_offered_count,
        coalesce(identified.is_alternative_accepted, false)::integer
            as alternative_accepted_count,
        (identified.source_order_id is not null)::integer as sold_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.asked_at'
        ) }}

    left join visitors
        on identified.named_visitor_id = visitors.visitor_id

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.asked_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.asked_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.asked_at'
        ) }}

    left join alternatives
        on {{ as_was(
            'alternatives', 'product_id', of='identified.named_alternative_id', at='identified.asked_at'
        ) }}

    order by identified.date_key, identified.source_system

)

select * from final
