{#  Grain: one row an order line that bears a part of what its order cost to ship and to
    have paid. The parts of an order add up to its cost to the cent.

    A cost is spread by the absolute net amount of the lines, evenly where all are
    nought: each line gets its share in whole cents, and the cents left over go to the
    lines with the largest remainders, ties by record.

    A fact of its own, since a part depends on the order and on all of its lines, which
    come, and are corrected, at different times. Built incrementally, what is done again
    is a whole order of which the order or any line came.  #}

{% set costs = ['shipping', 'payment'] %}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

orders as (

    select * from {{ ref('fct_order_lifecycle') }}

),

bearing as (

    select
        sales_lines.sales_line_key,
        sales_lines.date_key,
        sales_lines.customer_key,
        sales_lines.customer_id,
        sales_lines.product_key,
        sales_lines.product_id,
        sales_lines.store_key,
        sales_lines.store_id,
        sales_lines.channel_key,
        sales_lines.order_id,
        orders.currency_code,
        sales_lines.source_system,
        sales_lines.source_record_id,
        greatest(sales_lines.loaded_at, orders.loaded_at) as loaded_at,
        greatest(sales_lines.batch_id, orders.batch_id) as batch_id,
        {% for cost in costs -%}
        sign(coalesce(orders.{{ cost }}_cost_amount, 0)) as {{ cost }}_sign,
        (abs(coalesce(orders.{{ cost }}_cost_amount, 0)) * 100)::hugeint
            as {{ cost }}_cents,
        {% endfor -%}
        (abs(sales_lines.net_amount) * 100)::hugeint as net_cents

    from sales_lines

    inner join orders
        on sales_lines.order_id = orders.order_id

    where orders.shipping_cost_amount <> 0 or orders.payment_cost_amount <> 0

),

weighed as (

    select
        *,
        sum(net_cents) over (partition by order_id) as order_net_cents,
        count(*) over (partition by order_id) as order_lines

    from bearing

),

weighted as (

    select
        *,
        case when order_net_cents = 0 then 1 else net_cents end::hugeint as weight,
        case
            when order_net_cents = 0 then order_lines else order_net_cents
        end::hugeint as order_weight

    from weighed

),

whole_cents as (

    select
        {% for cost in costs -%}
        ({{ cost }}_cents * weight) // order_weight as {{ cost }}_whole,
        ({{ cost }}_cents * weight) % order_weight as {{ cost }}_remainder,
        {% endfor -%}
        *

    from weighted

),

left_over as (

    select
        {% for cost in costs -%}
        {{ cost }}_cents - sum({{ cost }}_whole) over (partition by order_id)
            as {{ cost }}_left_over,
        row_number() over (
            partition by order_id
            order by {{ cost }}_remainder desc, source_record_id asc
        ) as {{ cost }}_turn,
        {% endfor -%}
        *

    from whole_cents

),

final as (

    select
        -- keys
        sales_line_key,
        date_key,
        customer_key,
        customer_id,
        product_key,
        product_id,
        store_key,
        store_id,
        channel_key,

        -- degenerate dimensions
        order_id,

        -- measures
        currency_code,
        {% for cost in costs -%}
        (
            (
                {{ cost }}_whole
                + case when {{ cost }}_turn <= {{ cost }}_left_over then 1 else 0 end
            )::decimal(18, 0) * {{ cost }}_sign * 0.01
        )::decimal(18, 2) as allocated_{{ cost }}_amount,
        {% endfor %}
        -- lineage
        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from left_over

    order by date_key, source_system

)

select * from final
