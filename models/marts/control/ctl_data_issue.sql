{#  Grain: one row a system and kind of oddity among the sales lines that count: what
    was met in the data, how often, and what it weighs.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

counted as (

    select
        sales_lines.source_system,
        sales_lines.currency_code,
        sales_lines.data_issue,
        sales_lines.line_type,
        sales_lines.unit_of_measure,
        case when sales_lines.customer_key in (-1, -2) then sales_lines.customer_key end
            as special_customer_key,
        products.is_inferred,
        products.is_merchandise,
        count(*) as line_count,
        sum(sales_lines.net_amount) as net_amount

    from sales_lines

    inner join products
        on sales_lines.product_key = products.product_key

    group by all

),

flagged as (

    select
        source_system,
        currency_code,
        line_count,
        net_amount,
        unnest([
            nullif(data_issue, 'none'),
            case when special_customer_key = -1 then 'customer_unknown' end,
            case when special_customer_key = -2 then 'customer_anonymous' end,
            case when is_inferred then 'product_not_in_catalogue' end,
            case when not is_merchandise then 'product_is_no_merchandise' end,
            case when line_type = 'adjustment' then 'stock_adjustment' end,
            case when unit_of_measure <> 'piece' then 'not_counted_in_pieces' end
        ]) as data_issue

    from counted

),

final as (

    select
        source_system,
        data_issue,
        currency_code,
        sum(line_count)::bigint as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from flagged

    where data_issue is not null

    group by source_system, data_issue, currency_code

)

select * from final
