-- The months of all customers hold every line that names a customer, to the cent.

{% set touched = untested_months([ref('fct_customer_month'), ref('fct_sales_line')]) %}

with

months as (

    select
        source_system,
        month_start,
        sum(line_count) as line_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_customer_month') }}

    where {{ touched }}

    group by source_system, month_start

    having sum(line_count) > 0

),

lines as (

    select
        source_system,
        date_trunc('month', date_key)::date as month_start,
        count(*) as line_count,
        sum(net_amount) as net_amount

    from {{ ref('fct_sales_line') }}

    where (customer_key > 0 or customer_key < -4) and {{ touched }}

    group by source_system, month_start

)

select
    source_system,
    month_start,
    lines.line_count,
    lines.net_amount,
    months.line_count as month_line_count,
    months.net_amount as month_net_amount

from lines

full join months
    using (source_system, month_start)

where
    (lines.line_count, lines.net_amount)
    is distinct from (months.line_count, months.net_amount)
