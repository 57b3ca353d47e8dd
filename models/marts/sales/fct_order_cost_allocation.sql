{#  Grain: one row an order line that bears a part of what its order cost to ship and to
    have paid. The parts of an order add up to its cost to the cent.

    A cost is spread by the absolute net amount of the lines, evenly where all are
    nought: each line gets its share in whole cents, and the cents left over go to the
    lines with the largest remainders, ties by record.

    A fact of its own, since a part depends on the order and on all of its lines, which
    come, and are corrected, at different times. Incremental: a whole order is done
    again when it or any line of it came or went.  #}

{{ config(
    materialized='incremental',
    unique_key='order_key',
    meta={
        'redone': {'marker': 'sales_line_key'},
        'as_was': {
            'customer': 'ordered_at', 'product': 'ordered_at', 'store': 'ordered_at',
        },
    },
) }}

{% set costs = ['shipping', 'payment'] %}

with

sales_lines as not materialized (

    select
        {{ 'rowid as row_id,' if is_incremental() }}
        *

    from {{ ref('fct_sales_line') }}

),

orders as not materialized (

    select * from {{ ref('fct_order_lifecycle') }}

),

{% if is_incremental() -%}
new_lines as (

    select
        sales_line_key,
        order_key

    from sales_lines

    where loaded_at > {{ loaded_through() }}

),

-- also the order to which a line belonged before it was corrected
redone as (

    select order_key from new_lines

    union

    select order_key from orders

    where loaded_at > {{ loaded_through() }}

    union

    select order_key from {{ this }}

    where sales_line_key in (select new_lines.sales_line_key from new_lines)

),

{% endif -%}
costing as (

    select
        orders.order_key,
        orders.currency_code,
        {% for cost in costs -%}
        sign(coalesce(orders.{{ cost }}_cost_amount, 0)) as {{ cost }}_sign,
        (abs(coalesce(orders.{{ cost }}_cost_amount, 0)) * 100)::hugeint
            as {{ cost }}_cents,
        {% endfor -%}
        orders.loaded_at,
        orders.batch_id

    from orders
    {% if is_incremental() %}
    semi join redone
        on orders.order_key = redone.order_key
    {% endif %}
    where orders.shipping_cost_amount <> 0 or orders.payment_cost_amount <> 0

),

{% if is_incremental() -%}
-- the lines are found by their keys alone, so that the rest is read of them only
lines_anew as materialized (

    select row_id from sales_lines

    where order_key in (select costing.order_key from costing)

),

costed as materialized (

    select sales_lines.*

    from sales_lines

    inner join lines_anew
        on sales_lines.row_id = lines_anew.row_id

),

{% else -%}
-- read again rather than kept: most of its columns only ride along
costed as not materialized (

    select * from sales_lines

),

{% endif -%}

order_lines as (

    select
        order_key,
        count(*) as line_count,
        sum((abs(net_amount) * 100)::hugeint) as net_cents,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from costed

    group by order_key

),

bearing as (

    select
        costing.* replace (
            greatest(costing.loaded_at, order_lines.loaded_at) as loaded_at,
            greatest(costing.batch_id, order_lines.batch_id) as batch_id
        ),
        order_lines.net_cents = 0 as is_spread_evenly,
        case
            when order_lines.net_cents = 0 then order_lines.line_count
            else order_lines.net_cents
        end::hugeint as order_weight

    from costing

    inner join order_lines
        on costing.order_key = order_lines.order_key

),

weighted as (

    select
        costed.sales_line_key,
        costed.source_record_id,
        costed.order_key,
        {% for cost in costs -%}
        bearing.{{ cost }}_cents,
        {% endfor -%}
        case
            when bearing.is_spread_evenly then 1
            else abs(costed.net_amount) * 100
        end::hugeint as weight,
        bearing.order_weight

    from costed

    inner join bearing
        on costed.order_key = bearing.order_key

),

whole_cents as (

    select
        {% for cost in costs -%}
        {{ cost }}_cents,
        ({{ cost }}_cents * weight) // order_weight as {{ cost }}_whole,
        ({{ cost }}_cents * weight) % order_weight as {{ cost }}_remainder,
        {% endfor -%}
        sales_line_key,
        source_record_id,
        order_key

    from weighted

),

parts as (

    select
        {% for cost in costs -%}
        {{ cost }}_whole,
        {{ cost }}_cents - sum({{ cost }}_whole) over (partition by order_key)
            as {{ cost }}_left_over,
        row_number() over (
            partition by order_key
            order by {{ cost }}_remainder desc, source_record_id asc
        ) as {{ cost }}_turn,
        {% endfor -%}
        sales_line_key

    from whole_cents

),

final as (

    select
        -- keys
        costed.sales_line_key,
        costed.order_key,
        costed.date_key,
        costed.customer_key,
        costed.customer_id,
        costed.product_key,
        costed.product_id,
        costed.store_key,
        costed.store_id,
        costed.channel_key,

        -- degenerate dimensions
        costed.order_id,
        costed.ordered_at,

        -- measures
        bearing.currency_code,
        {% for cost in costs -%}
        (
            (
                parts.{{ cost }}_whole
                + (parts.{{ cost }}_turn <= parts.{{ cost }}_left_over)::integer
            )::decimal(18, 0) * bearing.{{ cost }}_sign * 0.01
        )::decimal(18, 2) as allocated_{{ cost }}_amount,
        {% endfor %}
        -- lineage
        costed.source_system,
        costed.source_record_id,
        bearing.loaded_at,
        bearing.batch_id

    from costed

    inner join parts
        on costed.sales_line_key = parts.sales_line_key

    inner join bearing
        on costed.order_key = bearing.order_key
    {% if is_incremental() %}
    union all by name

    -- the orders that these take the place of
    select order_key from redone
    {% endif %}
    order by date_key, source_system

)

select * from final
