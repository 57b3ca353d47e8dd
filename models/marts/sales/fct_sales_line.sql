{#  Grain: one row an order or receipt line; a return is its own negative line.

    customer_key, product_key and store_key are the versions valid when it happened
    (as was); customer_id, product_id and store_id are durable (as is). In order of
    day, so that a filter on the day reads only its part of the file.  #}

{{ config(
    materialized='incremental',
    unique_key='sales_line_key',
    meta={'as_was': {
        'customer': 'ordered_at', 'product': 'ordered_at', 'store': 'ordered_at',
        'employee': 'ordered_at',
    }},
) }}

with

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

employees as (

    select * from {{ ref('dim_employee') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

identified as (

    select
        *,
        {{ durable_id('source_order_id') }} as order_id,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_offer_id') }} as named_offer_id,
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        ordered_at_local::date as date_key

    from order_lines

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as sales_line_key,
        {{ surrogate_key(['identified.order_id']) }} as order_key,
        identified.date_key,
        (
            hour(identified.ordered_at_local) * 60
            + minute(identified.ordered_at_local)
        )::smallint as time_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(
            products.product_key, {{ absent_key('identified.product_absence') }}
        ) as product_key,
        coalesce(
            products.product_id, {{ absent_id('identified.product_absence') }}
        ) as product_id,
        coalesce(stores.store_key, {{ absent_key('identified.store_absence') }})
            as store_key,
        coalesce(stores.store_id, {{ absent_id('identified.store_absence') }})
            as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,
        coalesce(offers.offer_key, {{ special_key('not_applicable') }}) as offer_key,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(
            reasons.reason_key,
            case
                when identified.line_type = 'return' then {{ special_key('unknown') }}
                else {{ special_key('not_applicable') }}
            end
        )::bigint as return_reason_key,

        -- degenerate dimensions
        identified.order_id,
        {{ durable_id('identified.original_order_id', 'identified.id_space') }}
            as original_order_id,
        identified.line_type,
        identified.line_type = 'return' as is_return,
        coalesce(identified.data_issue, 'none') as data_issue,
        identified.ordered_at,

        -- measures
        identified.quantity,
        identified.unit_of_measure,
        case
            when identified.unit_of_measure = 'piece' then identified.quantity
        end::decimal(18, 3) as piece_quantity,
        identified.currency_code,
        identified.unit_price,
        identified.gross_amount,
        identified.discount_amount,
        identified.net_amount,
        coalesce(identified.reimbursed_amount, 0)::decimal(18, 2)
            as reimbursed_amount,
        identified.tax_amount,
        identified.cost_amount,
        (
            identified.net_amount
            + coalesce(identified.reimbursed_amount, 0)
            - coalesce(identified.tax_amount, 0)
            - identified.cost_amount
        )::decimal(18, 2) as margin_amount,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.ordered_at'
        ) }}

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.ordered_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.ordered_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    left join offers
        on identified.named_offer_id = offers.offer_id

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.ordered_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    order by identified.date_key, identified.source_system

)

select * from final
