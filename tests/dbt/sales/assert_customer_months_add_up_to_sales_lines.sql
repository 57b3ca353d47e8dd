-- The months of all customers hold every line that names a customer, to the cent.

with

months as (

    select
        source_system,
        sum(line_count) as line_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_customer_month') }}

    group by source_system

),

lines as (

    select
        source_system,
        count(*) as line_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_sales_line') }}

    where customer_key > 0 or customer_key < -4

    group by source_system

)

select
    source_system,
    lines.line_count,
    lines.net_amount,
    months.line_count as month_line_count,
    months.net_amount as month_net_amount

from lines

full join months
    using (source_system)

where
    (lines.line_count, lines.net_amount)
    is distinct from (months.line_count, months.net_amount)
