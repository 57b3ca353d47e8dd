-- What agg_sales__month_customers__orders keeps adds up to what its fact has.
-- Made by `acrm cube aggregates --write`.

{%- set again = untested_units(
    ref('agg_sales__month_customers__orders'), 'fact.date_key'
) %}

with

fct_sales_line as not materialized (

    select * from {{ ref('fct_sales_line') }}

),

of_fact as (

    select
        count(*) as row_count,
        count(distinct case when (fact.line_type = 'sale') then fact.order_id end) as orders_value_count  -- noqa: LT05

    from fct_sales_line as fact

    where {{ again.only }}

),

of_aggregate as (

    select
        cast(coalesce(sum(row_count), 0) as bigint) as row_count,
        count(distinct orders_value) as orders_value_count

    from {{ ref('agg_sales__month_customers__orders') }}

    where {{ again.kept }}

)

select
    of_fact.*,
    of_aggregate.*

from of_fact

cross join of_aggregate

where
    of_fact.row_count is distinct from of_aggregate.row_count
    or of_fact.orders_value_count is distinct from of_aggregate.orders_value_count
