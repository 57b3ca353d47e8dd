{#  Grain: one row for each date_key, store_key, channel_channel_group, channel_channel,
    currency. The aggregate day_store of the cube sales, made by `acrm cube
    aggregates --write`: change it in the definition of the cube.

    Incremental: each date_key is done again in which a row of the fact came, went or
    changed, or is of a member that is put together otherwise than before.  #}

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

final as (

    select
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
        '8d3cbb2e360a544a3f933bf3be5c747e' as definition_hash

    from fct_sales_line as fact

    inner join d_channel
        on fact.channel_key = d_channel._key

    {% if is_incremental() %}
    where {{ again.only }}
    {% endif %}

    group by
        fact.date_key,
        fact.store_key,
        d_channel.channel_0,
        d_channel.channel_1,
        fact.currency_code
    {% if is_incremental() %}
    union all by name

    -- the units that these take the place of
    select changed.date_key

    from {{ again.units }} as changed
    {% endif %}

    order by date_key

)

select * from final
