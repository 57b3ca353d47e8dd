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

    select * from {{ ref('fct_sales_line') }}

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

    select * from orders

    where
        (shipping_cost_amount <> 0 or payment_cost_amount <> 0)
        {%- if is_incremental() %}
        and order_key in (select redone.order_key from redone)
        {%- endif %}

),

costed as (

    select * from sales_lines
    {% if is_incremental() %}
    where order_key in (select redone.order_key from redone)
    {% endif %}
),

bearing as (

    select
        costed.sales_line_key,
        costed.date_key,
        costed.customer_key,
        costed.customer_id,
        costed.product_key,
        costed.product_id,
        costed.store_key,
        costed.store_id,
        costed.channel_key,
        costed.order_key,
        costed.order_id,
        costed.ordered_at,
        costing.currency_code,
        costed.source_system,
        costed.source_record_id,
        greatest(costed.loaded_at, costing.loaded_at) as loaded_at,
        greatest(costed.batch_id, costing.batch_id) as batch_id,
        {% for cost in costs -%}
        sign(coalesce(costing.{{ cost }}_cost_amount, 0)) as {{ cost }}_sign,
        (abs(coalesce(costing.{{ cost }}_cost_amount, 0)) * 100)::hugeint
            as {{ cost }}_cents,
        {% endfor -%}
        (abs(costed.net_amount) * 100)::hugeint as net_cents

    from costed

    inner join costing
        on costed.order_key = costing.order_key

),

weighed as (

    select
        * replace (
            max(loaded_at) over (partition by order_key) as loaded_at,
            max(batch_id) over (partition by order_key) as batch_id
        ),
        sum(net_cents) over (partition by order_key) as order_net_cents,
        count(*) over (partition by order_key) as order_lines

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
        {{ cost }}_cents - sum({{ cost }}_whole) over (partition by order_key)
            as {{ cost }}_left_over,
        row_number() over (
            partition by order_key
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
        order_key,
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
        ordered_at,

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
    {% if is_incremental() %}
    union all by name

    -- the orders that these take the place of
    select order_key from redone
    {% endif %}
    order by date_key, source_system

)

select * from final
