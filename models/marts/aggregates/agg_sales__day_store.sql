{#  Grain: one row for each date_key, store_key, channel_channel_group, channel_channel,
    currency. The aggregate day_store of the cube sales, made by `acrm cube
    aggregates --write`: change it in the definition of the cube.

    Incremental: rows of the fact that came are added, and those that went are taken
    away. Each date_key is done again in which a row is of a member that is put
    together otherwise than before.  #}

{{ config(
    materialized='incremental',
    unique_key=['date_key'],
    meta={
        'redone': {'marker': 'row_count'},
        'units': {
            'fact': 'fct_sales_line', 'day': 'date_key',
            'columns': {'date_key': 'date_key'},
        },
        'grouped_by': {
            'dim_channel': {
                'key': 'channel_key',
                'columns': ['channel_group', 'channel'],
                'of': ['channel_key'],
            },
        },
        'differences': {
            'keys': [
                'date_key',
                'store_key',
                'channel_channel_group',
                'channel_channel',
                'currency',
            ],
            'counts': [
                'row_count',
                'margin_lines',
                'returns_count',
                'pieces_count',
            ],
            'sums': {
                'net': 'row_count',
                'gross': 'row_count',
                'discount': 'row_count',
                'returns': 'returns_count',
                'pieces': 'pieces_count',
                'known_margin': 'margin_lines',
            },
            'reads': [
                'channel_key',
                'currency_code',
                'date_key',
                'discount_amount',
                'gross_amount',
                'is_return',
                'margin_amount',
                'net_amount',
                'piece_quantity',
                'store_key',
            ],
            'ones': {
                'net_unit_min': ['currency', 'row_count'],
                'net_unit_max': ['currency', 'row_count'],
                'returns_unit_min': ['currency', 'returns_count'],
                'returns_unit_max': ['currency', 'returns_count'],
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

dim_channel as not materialized (

    select * from {{ ref('dim_channel') }}

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
        fact.date_key,
        fact.store_key,
        d_channel.channel_0 as channel_channel_group,
        d_channel.channel_1 as channel_channel,
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
        count(fact.margin_amount) as margin_lines,
        cast(sum(fact.margin_amount) as decimal(18, 2)) as known_margin,
        count(*) filter (where fact.is_return) as returns_count,
        count(fact.piece_quantity) as pieces_count,
        '8d3cbb2e360a544a3f933bf3be5c747e' as definition_hash

    from {{ again.lines if is_incremental() else 'fct_sales_line' }} as fact

    inner join d_channel
        on fact.channel_key = d_channel._key

    group by
        {% if is_incremental() %}
        fact.way,
        {% endif %}
        fact.date_key,
        fact.store_key,
        d_channel.channel_0,
        d_channel.channel_1,
        fact.currency_code

),

final as (

    select *

    from {{ changed_groups('grouped', again) if is_incremental() else 'grouped' }}

    order by date_key

)

select * from final
