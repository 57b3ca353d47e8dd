{#  One row an order or receipt line. A till sale without a loyalty card is anonymous;
    web, app and phone orders have no store; a charge has no product.  #}

with

source as (

    select * from {{ source('example_shop', 'order_lines') }}

),

final as (

    select
        -- ids
        order_id || '|' || line_number as source_record_id,
        order_id as source_order_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        product_id as source_product_id,
        case when line_type = 'charge' then 'not_applicable' end as product_absence,
        store_id as source_store_id,
        'not_applicable' as store_absence,
        offer_id as source_offer_id,
        employee_id as source_employee_id,
        return_reason_code as source_reason_id,
        original_order_id,

        -- time
        {{ to_utc('ordered_at', 'example_shop') }} as ordered_at,
        {{ business_time('ordered_at', 'example_shop') }} as ordered_at_local,

        -- kinds
        channel_code,
        line_type,

        -- measures
        quantity,
        'piece' as unit_of_measure,
        'EUR' as currency_code,
        unit_price,
        gross_amount,
        discount_amount,
        net_amount,
        tax_amount,
        cost_amount,

        {{ record_columns() }}

    from source

)

select * from final
