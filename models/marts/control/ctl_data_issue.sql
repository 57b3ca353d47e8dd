{#  Grain: one row a system and kind of oddity among the sales lines that count: what
    was met in the data, how often, and what it weighs. Each kind is asked for on its
    own, since the zone maps then skip what has none of it.  #}

{% set kinds = {
    'customer_unknown': 'customer_key = -1',
    'customer_anonymous': 'customer_key = -2',
    'product_not_in_catalogue':
        'product_key in (select product_key from products where is_inferred)',
    'product_is_no_merchandise':
        'product_key in (select product_key from products where not is_merchandise)',
    'stock_adjustment': "line_type = 'adjustment'",
    'not_counted_in_pieces': "unit_of_measure <> 'piece'",
} %}

with

sales_lines as not materialized (

    select * from {{ ref('fct_sales_line') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

found as (

    {% for kind, condition in kinds.items() -%}
    select
        source_system,
        '{{ kind }}' as data_issue,
        currency_code,
        count(*) as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from sales_lines

    where {{ condition }}

    group by source_system, currency_code

    union all

    {% endfor -%}
    select
        source_system,
        data_issue,
        currency_code,
        count(*) as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from sales_lines

    where data_issue <> 'none'

    group by source_system, data_issue, currency_code

),

-- a system may name an issue of its own like one of these
final as (

    select
        source_system,
        data_issue,
        currency_code,
        sum(line_count)::bigint as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from found

    group by source_system, data_issue, currency_code

)

select * from final
