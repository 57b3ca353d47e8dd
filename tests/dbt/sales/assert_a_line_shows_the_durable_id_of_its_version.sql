-- The key (as was) and the durable id (as is) of a line name the same member.

with

lines as (

    select * from {{ ref('fct_sales_line') }}

    where {{ untested(ref('fct_sales_line')) }}

)

select
    lines.sales_line_key,
    lines.customer_id,
    customers.customer_id as customer_id_of_key,
    lines.product_id,
    products.product_id as product_id_of_key,
    lines.store_id,
    stores.store_id as store_id_of_key

from lines

inner join {{ ref('dim_customer') }} as customers
    on lines.customer_key = customers.customer_key

inner join {{ ref('dim_product') }} as products
    on lines.product_key = products.product_key

inner join {{ ref('dim_store') }} as stores
    on lines.store_key = stores.store_key

where
    lines.customer_id <> customers.customer_id
    or lines.product_id <> products.product_id
    or lines.store_id <> stores.store_id
