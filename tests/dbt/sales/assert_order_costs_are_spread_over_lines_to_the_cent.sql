-- What an order cost to ship and to have paid is what its lines bear, to the cent; an
-- order whose lines have not come bears nothing yet.

{% set new_orders = untested(ref('fct_order_lifecycle')) %}
{% set new_lines = untested(ref('fct_sales_line')) %}
{% set all_orders = new_orders == 'true' or new_lines == 'true' %}

with

-- of which the order or a line came
touched as (

    select order_key from {{ ref('fct_order_lifecycle') }}

    where {{ 'true' if all_orders else new_orders }}

    {% if not all_orders -%}
    union

    select order_key from {{ ref('fct_sales_line') }}

    where {{ new_lines }}
    {%- endif %}

),

orders as (

    select * from {{ ref('fct_order_lifecycle') }}

    {% if not all_orders -%}
    where order_key in (select touched.order_key from touched)
    {%- endif %}

),

sales_lines as not materialized (

    select * from {{ ref('fct_sales_line') }}

    where order_key in (select touched.order_key from touched)

),

allocations as (

    select * from {{ ref('fct_order_cost_allocation') }}

    where order_key in (select touched.order_key from touched)

),

orders_with_lines as (

    select distinct order_key from sales_lines

),

spread as (

    select
        order_key,
        sum(allocated_shipping_amount) as allocated_shipping_amount,
        sum(allocated_payment_amount) as allocated_payment_amount

    from allocations

    group by order_key

)

select
    orders.order_key,
    orders.shipping_cost_amount,
    spread.allocated_shipping_amount,
    orders.payment_cost_amount,
    spread.allocated_payment_amount

from orders

inner join orders_with_lines
    on orders.order_key = orders_with_lines.order_key

left join spread
    on orders.order_key = spread.order_key

where
    coalesce(orders.shipping_cost_amount, 0)
    <> coalesce(spread.allocated_shipping_amount, 0)
    or coalesce(orders.payment_cost_amount, 0)
    <> coalesce(spread.allocated_payment_amount, 0)
