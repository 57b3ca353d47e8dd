-- What agg_sales__month keeps adds up to what its fact has.
-- Made by `acrm cube aggregates --write`.

{%- set again = untested_units(
    ref('agg_sales__month'), 'fact.date_key'
) %}

with

fct_sales_line as not materialized (

    select * from {{ ref('fct_sales_line') }}

),

of_fact as (

    select
        count(*) as row_count,
        sum(fact.net_amount) as net,
        sum(fact.gross_amount) as gross,
        sum(fact.discount_amount) as discount,
        sum(fact.net_amount) filter (where fact.is_return) as returns,
        sum(fact.piece_quantity) as pieces,
        sum(fact.net_amount) filter (where (fact.line_type = 'sale')) as sold,
        count(fact.margin_amount) as margin_lines,
        sum(fact.margin_amount) as known_margin,
        count(fact.cost_amount) as costed_lines,
        sum(fact.cost_amount) as known_cost,
        count(fact.tax_amount) as taxed_lines,
        sum(fact.tax_amount) as known_tax,
        sum(fact.net_amount) filter (where (not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) as known_net,  -- noqa: LT05
        count(*) filter (where fact.is_return) as returns_count,
        count(fact.piece_quantity) as pieces_count,
        count(*) filter (where (fact.line_type = 'sale')) as sold_count,
        count(*) filter (where (not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) as known_net_count  -- noqa: LT05

    from fct_sales_line as fact

    where {{ again.only }}

),

of_aggregate as (

    select
        cast(coalesce(sum(row_count), 0) as bigint) as row_count,
        sum(net) as net,
        sum(gross) as gross,
        sum(discount) as discount,
        sum(returns) as returns,
        sum(pieces) as pieces,
        sum(sold) as sold,
        cast(coalesce(sum(margin_lines), 0) as bigint) as margin_lines,
        sum(known_margin) as known_margin,
        cast(coalesce(sum(costed_lines), 0) as bigint) as costed_lines,
        sum(known_cost) as known_cost,
        cast(coalesce(sum(taxed_lines), 0) as bigint) as taxed_lines,
        sum(known_tax) as known_tax,
        sum(known_net) as known_net,
        cast(coalesce(sum(returns_count), 0) as bigint) as returns_count,
        cast(coalesce(sum(pieces_count), 0) as bigint) as pieces_count,
        cast(coalesce(sum(sold_count), 0) as bigint) as sold_count,
        cast(coalesce(sum(known_net_count), 0) as bigint) as known_net_count

    from {{ ref('agg_sales__month') }}

    where {{ again.kept }}

),

all_rows as (

    select count(*) as rows_of_fact

    from fct_sales_line

),

all_groups as (

    select
        coalesce(sum(row_count), 0) as rows_there,
        min(row_count) as least_count

    from {{ ref('agg_sales__month') }}

)

select
    of_fact.*,
    of_aggregate.*,
    all_rows.*,
    all_groups.*

from of_fact

cross join of_aggregate

cross join all_rows

cross join all_groups

where
    of_fact.row_count is distinct from of_aggregate.row_count
    or of_fact.net is distinct from of_aggregate.net
    or of_fact.gross is distinct from of_aggregate.gross
    or of_fact.discount is distinct from of_aggregate.discount
    or of_fact.returns is distinct from of_aggregate.returns
    or of_fact.pieces is distinct from of_aggregate.pieces
    or of_fact.sold is distinct from of_aggregate.sold
    or of_fact.margin_lines is distinct from of_aggregate.margin_lines
    or of_fact.known_margin is distinct from of_aggregate.known_margin
    or of_fact.costed_lines is distinct from of_aggregate.costed_lines
    or of_fact.known_cost is distinct from of_aggregate.known_cost
    or of_fact.taxed_lines is distinct from of_aggregate.taxed_lines
    or of_fact.known_tax is distinct from of_aggregate.known_tax
    or of_fact.known_net is distinct from of_aggregate.known_net
    or of_fact.returns_count is distinct from of_aggregate.returns_count
    or of_fact.pieces_count is distinct from of_aggregate.pieces_count
    or of_fact.sold_count is distinct from of_aggregate.sold_count
    or of_fact.known_net_count is distinct from of_aggregate.known_net_count
    or all_groups.rows_there <> all_rows.rows_of_fact
    or all_groups.least_count <= 0
