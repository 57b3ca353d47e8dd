with totals as (
    select
        (select sum(amount) from {{ ref('stg_shop__sales') }}) as source_total,
        (select sum(amount) from {{ ref('fct_sales_line') }})
        - {{ var('lost_amount') }}::decimal(18, 2) as fact_total
)

select
    'shop' as source_system,
    date '2026-01-30' as business_date,
    'amount' as measure,
    source_total,
    0.00::decimal(18, 2) as quarantined_total,
    0.00::decimal(18, 2) as redelivered_total,
    fact_total,
    source_total - fact_total as difference,
    source_total = fact_total as is_reconciled
from totals
