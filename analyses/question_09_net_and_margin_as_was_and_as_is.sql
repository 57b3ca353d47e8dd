{#  09: what did each department sell to each country, by where customers were when they
    bought (as was) and by where they are now (as is)?

    Both split the same total. Margin is null where a line's cost is not known.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

lines as (

    select
        sales_lines.source_system,
        sales_lines.currency_code,
        sales_lines.net_amount,
        sales_lines.margin_amount,
        products.department as department_as_was,
        customers.country as country_as_was,
        products.current_department as department_as_is,
        customers.current_country as country_as_is

    from sales_lines

    inner join customers
        on sales_lines.customer_key = customers.customer_key

    inner join products
        on sales_lines.product_key = products.product_key

),

final as (

    {% for view in ['as_was', 'as_is'] -%}
    select
        '{{ view }}' as seen,
        source_system,
        currency_code,
        department_{{ view }} as department,
        country_{{ view }} as country,
        count(*) as line_count,
        sum(net_amount) as net_amount,
        case when count(*) = count(margin_amount) then sum(margin_amount) end
            as margin_amount

    from lines

    group by source_system, currency_code, department, country

    {{ 'union all' if not loop.last }}

    {% endfor -%}

)

select * from final

order by
    seen desc,
    source_system asc,
    net_amount desc,
    department asc,
    country asc
