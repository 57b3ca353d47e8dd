-- Of the sales lines of a system that came since, at most a twentieth have a customer,
-- product or store that should be known and is not (-1), or a product that no extract
-- describes. A customer that no extract describes is common (who did not answer) and
-- not a fault.

{{ config(severity='warn') }}

{% set limit = 0.05 %}

with

news as (

    select * from {{ ref('fct_sales_line') }}

    where {{ untested(ref('fct_sales_line')) }}

),

lines as (

    select
        lines.source_system,
        count(*) as line_count,
        count(*) filter (lines.customer_key = -1) as unknown_customers,
        count(*) filter (lines.product_key = -1) as unknown_products,
        count(*) filter (lines.store_key = -1) as unknown_stores,
        count(*) filter (lines.channel_key = -1) as unknown_channels,
        count(*) filter (products.is_inferred) as inferred_products

    from news as lines

    inner join {{ ref('dim_product') }} as products
        on lines.product_key = products.product_key

    group by lines.source_system

)

select * from lines

where
    greatest(
        unknown_customers, unknown_products, unknown_stores, unknown_channels,
        inferred_products
    ) > {{ limit }} * line_count
