{#  Grain: one row for each date_month, product_department, customer_region,
    channel_channel_group, channel_channel, line_type, currency. The aggregate month
    of the cube sales, made by `acrm cube aggregates --write`: change it in the
    definition of the cube.

    Incremental: rows of the fact that came are added, and those that went are taken
    away. Each date_month is done again in which a row is of a member that is put
    together otherwise than before.  #}

{{ config(
    materialized='incremental',
    unique_key=['date_month'],
    meta={
        'redone': {'marker': 'row_count'},
        'units': {
            'fact': 'fct_sales_line', 'day': 'date_key',
            'dates': 'dim_date', 'key': 'date_key',
            'columns': {'date_month': 'month_key'},
        },
        'grouped_by': {
            'dim_date': {
                'key': 'date_key',
                'columns': ['month_key'],
                'of': ['date_key'],
            },
            'dim_product': {
                'key': 'product_key',
                'columns': ['department'],
                'of': ['product_key'],
            },
            'dim_customer': {
                'key': 'customer_key',
                'columns': ['region'],
                'of': ['customer_key'],
            },
            'dim_channel': {
                'key': 'channel_key',
                'columns': ['channel_group', 'channel'],
                'of': ['channel_key'],
            },
        },
        'differences': {
            'keys': [
                'date_month',
                'product_department',
                'customer_region',
                'channel_channel_group',
                'channel_channel',
                'line_type',
                'currency',
            ],
            'counts': [
                'row_count',
                'margin_lines',
                'costed_lines',
                'taxed_lines',
                'returns_count',
                'pieces_count',
                'sold_count',
                'known_net_count',
            ],
            'sums': {
                'net': 'row_count',
                'gross': 'row_count',
                'discount': 'row_count',
                'returns': 'returns_count',
                'pieces': 'pieces_count',
                'sold': 'sold_count',
                'known_margin': 'margin_lines',
                'known_cost': 'costed_lines',
                'known_tax': 'taxed_lines',
                'known_net': 'known_net_count',
            },
            'reads': [
                'channel_key',
                'cost_amount',
                'currency_code',
                'customer_id',
                'customer_key',
                'date_key',
                'discount_amount',
                'gross_amount',
                'is_return',
                'line_type',
                'margin_amount',
                'net_amount',
                'piece_quantity',
                'product_key',
                'tax_amount',
            ],
            'ones': {
                'net_unit_min': ['currency', 'row_count'],
                'net_unit_max': ['currency', 'row_count'],
                'returns_unit_min': ['currency', 'returns_count'],
                'returns_unit_max': ['currency', 'returns_count'],
                'sold_unit_min': ['currency', 'sold_count'],
                'sold_unit_max': ['currency', 'sold_count'],
                'known_net_unit_min': ['currency', 'known_net_count'],
                'known_net_unit_max': ['currency', 'known_net_count'],
            },
        },
    },
) }}

{% if is_incremental() -%}
{%- set again = units_to_redo('fact.date_key') -%}
{%- endif %}

with

fct_sales_line as not materialized (

    select * from {{ ref('fct_sales_line') }}

),

dim_date as not materialized (

    select * from {{ ref('dim_date') }}

),

dim_product as not materialized (

    select * from {{ ref('dim_product') }}

),

dim_customer as not materialized (

    select * from {{ ref('dim_customer') }}

),

dim_channel as not materialized (

    select * from {{ ref('dim_channel') }}

),

d_date as (

    select
        member.date_key as _key,
        member.month_key as month

    from dim_date as member

),

d_product as (

    select
        member.product_key as _key,
        member.department

    from dim_product as member

),

d_customer as (

    select
        member.customer_key as _key,
        member.region

    from dim_customer as member

),

d_channel as (

    select
        member.channel_key as _key,
        member.channel_group as channel_0,
        member.channel as channel_1

    from dim_channel as member

),

grouped as (

    select
        {% if is_incremental() %}
        fact.way,
        {% endif %}
        d_date.month as date_month,
        d_product.department as product_department,
        d_customer.region as customer_region,
        d_channel.channel_0 as channel_channel_group,
        d_channel.channel_1 as channel_channel,
        fact.line_type,
        fact.currency_code as currency,
        count(*) as row_count,
        cast(sum(fact.net_amount) as decimal(18, 2)) as net,
        fact.currency_code as net_unit_min,
        fact.currency_code as net_unit_max,
        cast(sum(fact.gross_amount) as decimal(18, 2)) as gross,
        cast(sum(fact.discount_amount) as decimal(18, 2)) as discount,
        cast(sum(fact.net_amount) filter (where fact.is_return) as decimal(18, 2)) as returns,  -- noqa: LT05
        case when bool_or(fact.is_return) then fact.currency_code end as returns_unit_min,  -- noqa: LT05
        case when bool_or(fact.is_return) then fact.currency_code end as returns_unit_max,  -- noqa: LT05
        cast(sum(fact.piece_quantity) as decimal(18, 3)) as pieces,
        cast(sum(fact.net_amount) filter (where (fact.line_type = 'sale')) as decimal(18, 2)) as sold,  -- noqa: LT05
        case when bool_or((fact.line_type = 'sale')) then fact.currency_code end as sold_unit_min,  -- noqa: LT05
        case when bool_or((fact.line_type = 'sale')) then fact.currency_code end as sold_unit_max,  -- noqa: LT05
        count(fact.margin_amount) as margin_lines,
        cast(sum(fact.margin_amount) as decimal(18, 2)) as known_margin,
        count(fact.cost_amount) as costed_lines,
        cast(sum(fact.cost_amount) as decimal(18, 2)) as known_cost,
        count(fact.tax_amount) as taxed_lines,
        cast(sum(fact.tax_amount) as decimal(18, 2)) as known_tax,
        cast(sum(fact.net_amount) filter (where (not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) as decimal(18, 2)) as known_net,  -- noqa: LT05
        case when bool_or((not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) then fact.currency_code end as known_net_unit_min,  -- noqa: LT05
        case when bool_or((not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) then fact.currency_code end as known_net_unit_max,  -- noqa: LT05
        count(*) filter (where fact.is_return) as returns_count,
        count(fact.piece_quantity) as pieces_count,
        count(*) filter (where (fact.line_type = 'sale')) as sold_count,
        count(*) filter (where (not (fact.customer_id in ('unknown', 'anonymous', 'not_applicable', 'erased')))) as known_net_count,  -- noqa: LT05
        'a6f714fb496214165597000bcfa0ea81' as definition_hash

    from {{ again.lines if is_incremental() else 'fct_sales_line' }} as fact

    inner join d_date
        on fact.date_key = d_date._key

    inner join d_product
        on fact.product_key = d_product._key

    inner join d_customer
        on fact.customer_key = d_customer._key

    inner join d_channel
        on fact.channel_key = d_channel._key

    group by
        {% if is_incremental() %}
        fact.way,
        {% endif %}
        d_date.month,
        d_product.department,
        d_customer.region,
        d_channel.channel_0,
        d_channel.channel_1,
        fact.line_type,
        fact.currency_code

),

final as (

    select *

    from {{ changed_groups('grouped', again) if is_incremental() else 'grouped' }}

    order by date_month

)

select * from final
