{#  Grain: one row a system, business day, kind of oddity and currency: sales lines that
    are odd by what they say themselves. Each kind is asked for on its own, since the
    zone maps then skip what has none of it.

    Incremental: the days on which sales lines came, went or changed are done again.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key='business_date',
    meta={'redone': {'marker': 'data_issue'}},
) }}

{% set kinds = {
    'customer_unknown': 'customer_key = -1',
    'customer_anonymous': 'customer_key = -2',
    'stock_adjustment': "line_type = 'adjustment'",
    'not_counted_in_pieces': "unit_of_measure <> 'piece'",
} %}
{%- set only = 'true' -%}
{%- if is_incremental() -%}
{%- set changed =
    changed_facts([('fct_sales_line', 'date_key', {})]) -%}
{%- set only = changed.only.get('fct_sales_line', 'false') -%}
{%- endif %}

with

sales_lines as not materialized (

    select * from {{ ref('fct_sales_line') }}

),
{% if is_incremental() %}
changed as (

    select * from {{ changed.days }}

    where business_date is not null

),
{% endif %}
found as (

    {% for kind, condition in kinds.items() -%}
    select
        source_system,
        date_key as business_date,
        '{{ kind }}' as data_issue,
        currency_code,
        count(*) as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from sales_lines

    where {{ condition }} and {{ only }}

    group by source_system, date_key, currency_code

    union all

    {% endfor -%}
    select
        source_system,
        date_key as business_date,
        data_issue,
        currency_code,
        count(*) as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from sales_lines

    where data_issue <> 'none' and {{ only }}

    group by source_system, date_key, data_issue, currency_code

),

-- a system may name an issue of its own like one of these
final as (

    select
        source_system,
        business_date,
        data_issue,
        currency_code,
        sum(line_count)::bigint as line_count,
        sum(net_amount)::decimal(18, 2) as net_amount

    from found

    group by source_system, business_date, data_issue, currency_code
    {% if is_incremental() %}
    union all by name

    -- the days that these take the place of
    select business_date

    from changed

    where fact_name = 'fct_sales_line'
    {% endif %}
)

select * from final
