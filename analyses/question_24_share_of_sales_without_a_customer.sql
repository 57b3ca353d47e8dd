{#  24: what share of sales names no customer, by store: anonymous, unknown, erased?

    Special members stay in the total.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

by_member as (

    select
        sales_lines.source_system,
        sales_lines.currency_code,
        stores.store_name,
        case
            when customers.member_type = 'special' then customers.customer_id
            else 'known'
        end as customer_member,
        count(*) as line_count,
        sum(sales_lines.net_amount) as net_amount

    from sales_lines

    inner join customers
        on sales_lines.customer_key = customers.customer_key

    inner join stores
        on sales_lines.store_key = stores.store_key

    group by
        sales_lines.source_system,
        sales_lines.currency_code,
        stores.store_name,
        customer_member

),

final as (

    select
        source_system,
        currency_code,
        store_name,
        customer_member,
        line_count,
        net_amount,
        round(
            net_amount / nullif(sum(net_amount) over (
                partition by source_system, currency_code, store_name
            ), 0),
            4
        ) as net_share

    from by_member

)

select * from final

order by source_system, store_name, customer_member
