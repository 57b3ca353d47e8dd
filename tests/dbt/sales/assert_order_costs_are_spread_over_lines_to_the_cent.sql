-- What an order cost to ship and to have paid is what its lines bear, to the cent; an
-- order whose lines have not come bears nothing yet. Lines are looked up for those
-- orders only that bear something else, of which there should be few.

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

spread as (

    select
        order_key,
        sum(allocated_shipping_amount) as allocated_shipping_amount,
        sum(allocated_payment_amount) as allocated_payment_amount

    from {{ ref('fct_order_cost_allocation') }}

    where order_key in (select touched.order_key from touched)

    group by order_key

),

bearing_otherwise as materialized (

    select
        orders.order_key,
        orders.shipping_cost_amount,
        spread.allocated_shipping_amount,
        orders.payment_cost_amount,
        spread.allocated_payment_amount

    from orders

    left join spread
        on orders.order_key = spread.order_key

    where
        coalesce(orders.shipping_cost_amount, 0)
        <> coalesce(spread.allocated_shipping_amount, 0)
        or coalesce(orders.payment_cost_amount, 0)
        <> coalesce(spread.allocated_payment_amount, 0)

),

with_lines as (

    select distinct order_key from {{ ref('fct_sales_line') }}

    where order_key in (select bearing_otherwise.order_key from bearing_otherwise)

)

select * from bearing_otherwise

where order_key in (select with_lines.order_key from with_lines)
