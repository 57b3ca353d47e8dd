-- What an order cost to ship and to have paid is what its lines bear, to the cent; an
-- order whose lines have not come bears nothing yet.

with

orders as (

    select * from {{ ref('fct_order_lifecycle') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

allocations as (

    select * from {{ ref('fct_order_cost_allocation') }}

),

orders_with_lines as (

    select distinct order_id from sales_lines

),

spread as (

    select
        order_id,
        sum(allocated_shipping_amount) as allocated_shipping_amount,
        sum(allocated_payment_amount) as allocated_payment_amount

    from allocations

    group by order_id

)

select
    orders.order_id,
    orders.shipping_cost_amount,
    spread.allocated_shipping_amount,
    orders.payment_cost_amount,
    spread.allocated_payment_amount

from orders

inner join orders_with_lines
    on orders.order_id = orders_with_lines.order_id

left join spread
    on orders.order_id = spread.order_id

where
    coalesce(orders.shipping_cost_amount, 0)
    <> coalesce(spread.allocated_shipping_amount, 0)
    or coalesce(orders.payment_cost_amount, 0)
    <> coalesce(spread.allocated_payment_amount, 0)
