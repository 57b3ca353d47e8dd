{#  One row a product in a basket.

    net is what the household paid; a manufacturer's coupon lowers it, and the
    manufacturer pays the retailer back, so that sales_value = net + reimbursed.  #}

with

source as (

    select * from {{ source('complete_journey', 'transactions') }}

),

products as (

    select * from {{ source('complete_journey', 'products') }}

),

fuels as (

    select distinct product_id

    from products

    where product_type like 'GASOLINE%'

),

final as (

    select
        -- ids
        source.basket_id || '|' || source.product_id as source_record_id,
        source.basket_id::varchar as source_order_id,
        source.household_id::varchar as source_customer_id,
        source.product_id::varchar as source_product_id,
        source.store_id::varchar as source_store_id,

        -- time
        {{ to_utc('source.transaction_timestamp', 'complete_journey') }}
            as ordered_at,
        {{ business_time('source.transaction_timestamp', 'complete_journey') }}
            as ordered_at_local,

        -- kinds
        'store_till' as channel_code,
        'sale' as line_type,
        case
            when source.quantity <= 0 then 'no_quantity'
            when source.sales_value <= 0 then 'no_value'
            when source.sales_value < source.coupon_disc then 'coupon_above_value'
            else 'none'
        end as data_issue,

        -- measures
        source.quantity,
        case
            when fuels.product_id is not null then 'fuel_unit' else 'piece'
        end as unit_of_measure,
        'USD' as currency_code,
        source.sales_value + source.retail_disc + source.coupon_match_disc
            as gross_amount,
        source.retail_disc + source.coupon_match_disc + source.coupon_disc
            as discount_amount,
        source.sales_value - source.coupon_disc as net_amount,
        source.coupon_disc as reimbursed_amount,

        {{ record_columns('source') }}

    from source

    left join fuels
        on source.product_id = fuels.product_id

)

select * from final
