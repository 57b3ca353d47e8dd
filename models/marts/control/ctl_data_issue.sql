{#  Grain: one row a system and kind of oddity among the sales lines that count: what
    was met in the data, how often, and what it weighs. What a line says itself is kept
    by day; what its product says is asked of all lines, since a product may be
    described anew while its lines stay what they are.  #}

{% set kinds = {
    'product_not_in_catalogue': 'is_inferred = true',
    'product_is_no_merchandise': 'is_merchandise = false',
} %}

with

sales_lines as not materialized (

    select * from {{ ref('fct_sales_line') }}

),

issues_by_day as (

    select * from {{ ref('int_data_issues_by_day') }}

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

    where
        product_key in (
            select products.product_key

            from products

            where products.{{ condition }}
        )

    group by source_system, currency_code

    union all

    {% endfor -%}
    select
        source_system,
        data_issue,
        currency_code,
        line_count,
        net_amount

    from issues_by_day

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
