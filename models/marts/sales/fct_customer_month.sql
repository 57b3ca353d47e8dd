{#  Grain: one row a customer and month, from the month of the first order line to the
    month of the system's as-of day, idle months included.

    A customer is active at a month's end who bought in the last `active_months` months
    (a sale, not a return or a charge). The flags of the base balance to the unit:
    opening + new + reactivated - lapsed = closing, and closing is next month's
    opening.

    Incremental: a month depends on itself and those before it, so a customer's months
    are done again from the first in which a line, contact or response came or went;
    everybody's last, when the month turns. Lines are read only of the months in which
    something came or went; of others, their own sums are here already, and of what they
    come from the columns month_* tell.  #}

{{ config(
    materialized='incremental',
    unique_key='customer_id',
    meta={
        'redone': {'marker': 'customer_month_key', 'since': 'month_start'},
        'as_was': {'customer': 'date_key::timestamp'},
    },
) }}

{#- Asked ahead, so that only so much of the tables is read: the months of customers
    that have news, and the id spaces whose last month is another, or whole now.  #}
{%- if is_incremental() -%}
{%- set news = 'news_of_' ~ model.name -%}
{%- set special_ids = special_member_list() | map(attribute='id') | join("', '") -%}
{%- set news_sql %}
    create or replace temp table {{ news }} as
    select distinct
        customer_id,
        date_trunc('month', date_key)::date as month_start
    from (
        {% for fact in ['fct_sales_line', 'fct_contact', 'fct_response'] -%}
        select
            customer_id,
            date_key
        from {{ ref(fact) }}
        where loaded_at > {{ loaded_through() }}

        union all

        {% endfor -%}
        select
            customer_id,
            date_key
        from intermediate.replaced_row
        where
            model in ('fct_sales_line', 'fct_contact', 'fct_response')
            and replaced_at > {{ loaded_through() }}
    )
    where customer_id not in ('{{ special_ids }}')
{%- endset -%}
{%- do run_query(news_sql) -%}
{%- set turned_sql -%}
    with

    last_written_by_system as (

        select
            source_system,
            max(month_start) as month_start,
            arg_max(is_complete_month, month_start) as is_complete_month

        from {{ this }}

        group by source_system

    ),

    last_written as (

        select
            {{ id_space_of_system('source_system') }} as id_space,
            max(month_start) as month_start,
            arg_max(is_complete_month, month_start) as is_complete_month

        from last_written_by_system

        group by id_space

    )

    select
        last_written.id_space,
        least(last_written.month_start, date_trunc('month', as_of.as_of))::date::varchar
            as month_start

    from last_written

    left join {{ ref('int_as_of') }} as as_of
        on last_written.id_space = as_of.id_space

    where
        last_written.month_start is distinct from date_trunc('month', as_of.as_of)
        or last_written.is_complete_month
        is distinct from (last_day(as_of.as_of) <= as_of.as_of)
{%- endset -%}
{%- set turned = run_query(turned_sql).rows -%}
{%- set span = run_query('
    select
        min(month_start)::varchar as first_day,
        last_day(max(month_start))::varchar as last_day
    from ' ~ news
).rows[0] -%}
{%- set first_days = turned | map(attribute='month_start') | list -%}
{%- set first_day = (first_days + [span.first_day or '9999-12-31']) | min -%}
{%- endif %}

with

sales_lines as not materialized (

    select
        {{ 'rowid as row_id,' if is_incremental() }}
        *

    from {{ ref('fct_sales_line') }}

),

contacts as not materialized (

    select * from {{ ref('fct_contact') }}

),

responses as not materialized (

    select * from {{ ref('fct_response') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

{% if is_incremental() -%}
written as not materialized (

    select * from {{ this }}

),

news as (

    select * from {{ news }}

),

-- from which month on a customer is done again
redone as (

    select
        customer_id,
        min(month_start) as since,
        (since - interval {{ var('active_months') }} month)::date as earliest

    from (
        select * from news
        {% for space in turned %}
        union all

        select
            customer_id,
            date '{{ space.month_start }}' as month_start

        from written

        where
            month_start >= date '{{ space.month_start }}'
            and {{ id_space_of('customer_id') }} = '{{ space.id_space }}'
        {% endfor %}
    ) as touched

    group by customer_id

),

-- by the numbers of their versions, which lines are found by faster than by text
news_of_versions as (

    select
        customers.customer_key,
        news.customer_id,
        news.month_start

    from customers

    inner join news
        on customers.customer_id = news.customer_id

),

lines_anew as materialized (

    select
        sales_lines.row_id,
        news_of_versions.customer_id,
        news_of_versions.month_start

    from sales_lines

    inner join news_of_versions
        on
            sales_lines.customer_key = news_of_versions.customer_key
            and sales_lines.date_key >= news_of_versions.month_start
            and sales_lines.date_key <= last_day(news_of_versions.month_start)

    where
        sales_lines.date_key between date '{{ span.first_day or '9999-12-31' }}'
        and date '{{ span.last_day or '9999-12-31' }}'

),

-- months to do again whose own sums stay
standing as (

    select written.*

    from written

    inner join redone
        on
            written.customer_id = redone.customer_id
            and written.month_start >= redone.since

    anti join news
        on
            written.customer_id = news.customer_id
            and written.month_start = news.month_start

    where written.month_start >= date '{{ first_day }}'

),

-- what the months before them left behind, each all up to itself: the last ones, by
-- which one may be active still, and that of becoming active, which tells of all before
carried as (

    select
        written.customer_id,
        any_value(redone.since) as since,
        min((written.month_start - to_months(written.month_number))::date)
            as first_month,
        max(written.month_start) filter (written.order_count > 0) as last_active_month,
        min(written.source_system) as source_system,
        min(written.currency_code) as least_currency_code,
        max(written.currency_code) as greatest_currency_code,
        max(written.loaded_at) as loaded_at,
        max(written.batch_id) as batch_id,
        arg_max(written.trailing_12_month_net_amount, written.month_start)
            as trailing_12_month_net_amount

    from written

    inner join redone
        on
            written.customer_id = redone.customer_id
            and written.month_start < redone.since

    where written.month_start >= redone.earliest or written.new_count = 1

    group by written.customer_id

),

-- the lines are found by their keys alone, so that the rest is read of them only
orders_anew as (

    select
        lines_anew.customer_id,
        lines_anew.month_start,
        min(sales_lines.source_system) as source_system,
        bool_or(sales_lines.line_type = 'sale') as is_sale,
        count(*) as line_count,
        count(sales_lines.margin_amount) as margin_count,
        sum(sales_lines.gross_amount) as gross_amount,
        sum(sales_lines.net_amount) as net_amount,
        sum(sales_lines.net_amount) filter (sales_lines.is_return) as return_amount,
        sum(sales_lines.margin_amount) as margin_amount,
        min(sales_lines.currency_code) as least_currency_code,
        max(sales_lines.currency_code) as greatest_currency_code,
        max(sales_lines.loaded_at) as loaded_at,
        max(sales_lines.batch_id) as batch_id

    from sales_lines

    inner join lines_anew
        on sales_lines.row_id = lines_anew.row_id

    group by lines_anew.customer_id, lines_anew.month_start, sales_lines.order_key

),

-- by orders first, since counting distinct ones costs few customers more than all
monthly_sales as (

    select
        customer_id,
        month_start,
        min(source_system) as source_system,
        (count(*) filter (is_sale))::integer as order_count,
        sum(line_count)::integer as line_count,
        sum(gross_amount)::decimal(18, 2) as gross_amount,
        sum(net_amount)::decimal(18, 2) as net_amount,
        sum(return_amount)::decimal(18, 2) as return_amount,
        case
            when sum(line_count) = sum(margin_count) then sum(margin_amount)
        end::decimal(18, 2) as margin_amount,
        case
            when min(least_currency_code) = max(greatest_currency_code)
                then min(least_currency_code)
            else 'mixed'
        end as currency_code,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from orders_anew

    group by customer_id, month_start

),

{% else -%}
monthly_sales as (

    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        min(source_system) as source_system,
        (count(distinct order_key) filter (line_type = 'sale'))::integer
            as order_count,
        count(*)::integer as line_count,
        sum(gross_amount)::decimal(18, 2) as gross_amount,
        sum(net_amount)::decimal(18, 2) as net_amount,
        (sum(net_amount) filter (is_return))::decimal(18, 2) as return_amount,
        case
            when count(*) = count(margin_amount) then sum(margin_amount)
        end::decimal(18, 2) as margin_amount,
        case
            when min(currency_code) = max(currency_code) then min(currency_code)
            else 'mixed'
        end as currency_code,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from sales_lines

    where customer_key not between -4 and -1

    group by customer_id, date_trunc('month', date_key)::date

),

{% endif -%}
monthly_contacts as (

    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        sum(contacted_count) as contact_count,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from contacts
    {% if is_incremental() %}
    where
        date_key >= date '{{ first_day }}'
        and customer_id in (select redone.customer_id from redone)
    {% endif %}
    group by customer_id, month_start

),

monthly_responses as (

    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        count(*) filter (counts_as_response) as response_count,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from responses
    {% if is_incremental() %}
    where
        date_key >= date '{{ first_day }}'
        and customer_id in (select redone.customer_id from redone)
    {% endif %}
    group by customer_id, month_start

),

{% if is_incremental() -%}
first_months as (

    select
        customer_id,
        first_month,
        since as first_anew

    from carried

    union all

    select
        customer_id,
        month_start as first_month,
        null as first_anew

    from standing

    where line_count > 0

    union all

    select
        customer_id,
        month_start as first_month,
        null as first_anew

    from monthly_sales

),

{% endif -%}
lives as (

    {% if is_incremental() -%}
    select
        customer_id,
        {{ id_space_of('customer_id') }} as id_space,
        min(first_month) as first_month,
        coalesce(min(first_anew), min(first_month)) as first_anew

    from first_months

    group by customer_id
    {%- else -%}
    select
        customer_id,
        {{ id_space_of('customer_id') }} as id_space,
        min(month_start) as first_month,
        min(month_start) as first_anew

    from monthly_sales

    group by customer_id
    {%- endif %}

),

months as (

    select
        lives.customer_id,
        lives.first_month,
        as_of.as_of,
        unnest(generate_series(
            lives.first_anew::timestamp,
            date_trunc('month', as_of.as_of)::timestamp,
            interval 1 month
        ))::date as month_start

    from lives

    inner join as_of
        on lives.id_space = as_of.id_space

),

filled as (

    select
        months.customer_id,
        months.first_month,
        months.as_of,
        months.month_start,
        monthly_sales.source_system,
        coalesce(monthly_sales.order_count, 0) as order_count,
        coalesce(monthly_sales.line_count, 0) as line_count,
        monthly_sales.currency_code,
        coalesce(monthly_sales.gross_amount, 0) as gross_amount,
        coalesce(monthly_sales.net_amount, 0) as net_amount,
        coalesce(monthly_sales.return_amount, 0) as return_amount,
        case
            when monthly_sales.customer_id is null then 0
            else monthly_sales.margin_amount
        end as margin_amount,
        coalesce(monthly_contacts.contact_count, 0) as contact_count,
        coalesce(monthly_responses.response_count, 0) as response_count,
        greatest(
            monthly_sales.loaded_at,
            monthly_contacts.loaded_at,
            monthly_responses.loaded_at
        ) as loaded_at,
        greatest(
            monthly_sales.batch_id,
            monthly_contacts.batch_id,
            monthly_responses.batch_id
        ) as batch_id

    from months

    left join monthly_sales
        on
            months.customer_id = monthly_sales.customer_id
            and months.month_start = monthly_sales.month_start

    left join monthly_contacts
        on
            months.customer_id = monthly_contacts.customer_id
            and months.month_start = monthly_contacts.month_start

    left join monthly_responses
        on
            months.customer_id = monthly_responses.customer_id
            and months.month_start = monthly_responses.month_start
    {% if is_incremental() %}
    anti join standing
        on
            months.customer_id = standing.customer_id
            and months.month_start = standing.month_start

    union all by name

    select
        standing.customer_id,
        months.first_month,
        months.as_of,
        standing.month_start,
        standing.month_source_system as source_system,
        standing.order_count,
        standing.line_count,
        standing.month_currency_code as currency_code,
        standing.gross_amount,
        standing.net_amount,
        standing.return_amount,
        standing.margin_amount,
        standing.contact_count,
        standing.response_count,
        standing.month_loaded_at as loaded_at,
        standing.month_batch_id as batch_id

    from standing

    inner join months
        on
            standing.customer_id = months.customer_id
            and standing.month_start = months.month_start
    {% endif %}
),

{% if is_incremental() -%}
-- what falls out of the twelve months at each: of months that stay, and of those anew
leaving as (

    select
        months.customer_id,
        months.month_start,
        written.net_amount

    from months

    inner join redone
        on months.customer_id = redone.customer_id

    inner join written
        on
            months.customer_id = written.customer_id
            and (months.month_start - interval 12 month)::date = written.month_start
            and redone.since > written.month_start

    union all

    select
        months.customer_id,
        months.month_start,
        filled.net_amount

    from months

    inner join filled
        on
            months.customer_id = filled.customer_id
            and (months.month_start - interval 12 month)::date = filled.month_start

),

{% endif -%}
-- what holds from month to month, in one pass over each life
lived as (

    select
        filled.*,
        {% if is_incremental() -%}
        sum(filled.net_amount - coalesce(leaving.net_amount, 0)) over so_far
            as trailing_12_month_net_amount,
        {%- else -%}
        sum(filled.net_amount) over (
            partition by filled.customer_id
            order by filled.month_start
            rows between 11 preceding and current row
        ) as trailing_12_month_net_amount,
        {%- endif %}
        max(case when filled.order_count > 0 then filled.month_start end) over so_far
            as last_active_month,
        max(case when filled.order_count > 0 then filled.month_start end) over before
            as former_active_month,
        min(filled.source_system) over so_far as first_source_system,
        min(filled.currency_code) over so_far as least_currency_code,
        max(filled.currency_code) over so_far as greatest_currency_code,
        max(filled.loaded_at) over so_far as newest_loaded_at,
        max(filled.batch_id) over so_far as newest_batch_id

    from filled
    {% if is_incremental() %}
    left join leaving
        on
            filled.customer_id = leaving.customer_id
            and filled.month_start = leaving.month_start
    {% endif %}
    window
        so_far as (
            partition by filled.customer_id
            order by filled.month_start
            rows between unbounded preceding and current row
        ),
        before as (
            partition by filled.customer_id
            order by filled.month_start
            rows between unbounded preceding and 1 preceding
        )

),

continued as (

    {% if is_incremental() -%}
    select
        lived.* replace (
            coalesce(lived.last_active_month, carried.last_active_month)
                as last_active_month,
            coalesce(lived.former_active_month, carried.last_active_month)
                as former_active_month,
            least(lived.first_source_system, carried.source_system)
                as first_source_system,
            least(lived.least_currency_code, carried.least_currency_code)
                as least_currency_code,
            greatest(lived.greatest_currency_code, carried.greatest_currency_code)
                as greatest_currency_code,
            greatest(lived.newest_loaded_at, carried.loaded_at) as newest_loaded_at,
            greatest(lived.newest_batch_id, carried.batch_id) as newest_batch_id,
            coalesce(carried.trailing_12_month_net_amount, 0)
            + lived.trailing_12_month_net_amount as trailing_12_month_net_amount
        )

    from lived

    left join carried
        on lived.customer_id = carried.customer_id
    {%- else -%}
    select * from lived
    {%- endif %}

),

movements as (

    select
        *,
        coalesce(
            datediff('month', last_active_month, month_start)
            < {{ var('active_months') }},
            false
        ) as is_closing,
        coalesce(
            datediff('month', former_active_month, month_start) - 1
            < {{ var('active_months') }},
            false
        ) as is_opening,
        former_active_month is not null as was_ever_active

    from continued

),

final as (

    select
        {{ surrogate_key(['movements.customer_id', 'movements.month_start']) }}
            as customer_month_key,
        last_day(movements.month_start) as date_key,
        customers.customer_key,
        movements.customer_id,
        movements.month_start,
        last_day(movements.month_start) <= movements.as_of as is_complete_month,
        datediff('month', movements.first_month, movements.month_start)::integer
            as month_number,

        movements.order_count::integer as order_count,
        movements.line_count::integer as line_count,
        case
            when movements.least_currency_code = movements.greatest_currency_code
                then movements.least_currency_code
            else 'mixed'
        end as currency_code,
        movements.currency_code as month_currency_code,
        movements.gross_amount::decimal(18, 2) as gross_amount,
        movements.net_amount::decimal(18, 2) as net_amount,
        movements.return_amount::decimal(18, 2) as return_amount,
        movements.margin_amount::decimal(18, 2) as margin_amount,
        movements.contact_count::integer as contact_count,
        movements.response_count::integer as response_count,
        movements.trailing_12_month_net_amount::decimal(18, 2)
            as trailing_12_month_net_amount,

        movements.is_opening::integer as opening_count,
        (movements.is_closing and not movements.was_ever_active)::integer
            as new_count,
        (
            movements.is_closing
            and not movements.is_opening
            and movements.was_ever_active
        )::integer as reactivated_count,
        (movements.is_opening and not movements.is_closing)::integer as lapsed_count,
        movements.is_closing::integer as closing_count,

        movements.first_source_system as source_system,
        movements.customer_id || '|' || movements.month_start as source_record_id,
        movements.newest_loaded_at as loaded_at,
        movements.newest_batch_id as batch_id,
        movements.source_system as month_source_system,
        movements.loaded_at as month_loaded_at,
        movements.batch_id as month_batch_id

    from movements

    inner join customers
        on
            movements.customer_id = customers.customer_id
            and last_day(movements.month_start)::timestamp >= customers.valid_from
            and last_day(movements.month_start)::timestamp < customers.valid_to
    {% if is_incremental() %}
    union all by name

    -- the months that these take the place of
    select
        customer_id,
        since as month_start

    from redone
    {% endif %}
    order by date_key

)

select * from final
