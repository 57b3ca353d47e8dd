{#  Grain: one row for each date_month, channel_channel_group, channel_channel,
    currency, orders_value. The aggregate month_customers of the cube sales, made by
    `acrm cube aggregates --write`: change it in the definition of the cube.

    Incremental: each date_month is done again in which a row of the fact came, went or
    changed, or is of a member that is put together otherwise than before.  #}

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

dim_date as not materialized (

    select * from {{ ref('dim_date') }}

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

d_channel as (

    select
        member.channel_key as _key,
        member.channel_group as channel_0,
        member.channel as channel_1

    from dim_channel as member

),

final as (

    select
        d_date.month as date_month,
        d_channel.channel_0 as channel_channel_group,
        d_channel.channel_1 as channel_channel,
        fact.currency_code as currency,
        count(*) as row_count,
        case when (fact.line_type = 'sale') then fact.order_id end as orders_value,
        'ce531e6e952efb67e55142746271cb0e' as definition_hash

    from fct_sales_line as fact

    inner join d_date
        on fact.date_key = d_date._key

    inner join d_channel
        on fact.channel_key = d_channel._key

    {% if is_incremental() %}
    where {{ again.only }}
    {% endif %}

    group by
        d_date.month,
        d_channel.channel_0,
        d_channel.channel_1,
        fact.currency_code,
        case when (fact.line_type = 'sale') then fact.order_id end
    {% if is_incremental() %}
    union all by name

    -- the units that these take the place of
    select changed.date_month

    from {{ again.units }} as changed
    {% endif %}

    order by date_month

)

select * from final
