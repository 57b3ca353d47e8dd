{#  Grain: one row a customer and month, from the month of the first order line to the
    month of the system's as-of day, idle months included.

    A customer is active at a month's end who bought in the last `active_months` months
    (a sale, not a return or a charge). The flags of the base balance to the unit:
    opening + new + reactivated - lapsed = closing, and closing is next month's
    opening.

    Incremental: the whole life of a customer is written anew when a line, contact,
    response or version of theirs came or went; everybody's, when the month turns.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key='customer_id',
    on_schema_change='fail',
    meta={'clears_replaced_customers': true},
) }}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

responses as (

    select * from {{ ref('fct_response') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

{% if is_incremental() -%}
written as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        max(month_start) as last_month,
        arg_max(is_complete_month, month_start) as is_complete_month

    from {{ this }}

    group by id_space

),

turned as (

    select as_of.id_space

    from as_of

    left join written
        on as_of.id_space = written.id_space

    where
        written.last_month is distinct from date_trunc('month', as_of.as_of)
        or written.is_complete_month
        is distinct from (last_day(as_of.as_of) <= as_of.as_of)

),

touched as (

    select customer_id from sales_lines

    where loaded_at > {{ loaded_through() }}

    union

    select customer_id from contacts

    where loaded_at > {{ loaded_through() }}

    union

    select customer_id from responses

    where loaded_at > {{ loaded_through() }}

    union

    select customer_id from customers

    where loaded_at > {{ loaded_through() }}

    union

    select customer_id from intermediate.replaced_row

    where replaced_at > {{ loaded_through() }}

    union

    select customer_id from customers

    where {{ id_space_of('customer_id') }} in (select turned.id_space from turned)

),

{% endif -%}
monthly_sales as (

    select
        customer_id,
        min(source_system) as source_system,
        date_trunc('month', date_key)::date as month_start,
        count(distinct order_id) filter (line_type = 'sale') as order_count,
        count(*) as line_count,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(net_amount) filter (is_return) as return_amount,
        case
            when count(*) = count(margin_amount) then sum(margin_amount)
        end as margin_amount,
        case
            when min(currency_code) = max(currency_code) then min(currency_code)
            else 'mixed'
        end as currency_code,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from sales_lines

    where
        customer_key not between -4 and -1
        {%- if is_incremental() %}
        and customer_id in (select touched.customer_id from touched)
        {%- endif %}

    group by customer_id, month_start

),

monthly_contacts as (

    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        sum(contacted_count) as contact_count

    from contacts

    group by customer_id, month_start

),

monthly_responses as (

    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        count(*) filter (counts_as_response) as response_count

    from responses

    group by customer_id, month_start

),

lives as (

    select
        monthly_sales.customer_id,
        {{ id_space_of('monthly_sales.customer_id') }} as id_space,
        min(monthly_sales.source_system) as source_system,
        min(monthly_sales.month_start) as first_month,
        min(monthly_sales.currency_code) as currency_code,
        max(monthly_sales.loaded_at) as loaded_at,
        max(monthly_sales.batch_id) as batch_id

    from monthly_sales

    group by monthly_sales.customer_id

),

months as (

    select
        lives.*,
        as_of.as_of,
        unnest(generate_series(
            lives.first_month::timestamp,
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
        months.source_system,
        months.month_start,
        last_day(months.month_start) as month_end,
        last_day(months.month_start) <= months.as_of as is_complete_month,
        datediff('month', months.first_month, months.month_start) as month_number,
        months.currency_code,
        coalesce(monthly_sales.order_count, 0) as order_count,
        coalesce(monthly_sales.line_count, 0) as line_count,
        coalesce(monthly_sales.gross_amount, 0) as gross_amount,
        coalesce(monthly_sales.net_amount, 0) as net_amount,
        coalesce(monthly_sales.return_amount, 0) as return_amount,
        case
            when monthly_sales.customer_id is null then 0
            else monthly_sales.margin_amount
        end as margin_amount,
        coalesce(monthly_contacts.contact_count, 0) as contact_count,
        coalesce(monthly_responses.response_count, 0) as response_count,
        max(case when monthly_sales.order_count > 0 then months.month_start end) over (
            partition by months.customer_id
            order by months.month_start
            rows between unbounded preceding and current row
        ) as last_active_month,
        coalesce(monthly_sales.loaded_at, months.loaded_at) as loaded_at,
        coalesce(monthly_sales.batch_id, months.batch_id) as batch_id

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

),

activity as (

    select
        *,
        coalesce(
            datediff('month', last_active_month, month_start)
            < {{ var('active_months') }},
            false
        ) as is_closing

    from filled

),

movements as (

    select
        *,
        lag(is_closing, 1, false) over life as is_opening,
        coalesce(bool_or(is_closing) over (
            partition by customer_id
            order by month_start
            rows between unbounded preceding and 1 preceding
        ), false) as was_ever_active,
        sum(net_amount) over (
            partition by customer_id
            order by month_start
            rows between 11 preceding and current row
        ) as trailing_12_month_net_amount

    from activity

    window life as (partition by customer_id order by month_start)

),

final as (

    select
        {{ surrogate_key(['movements.customer_id', 'movements.month_start']) }}
            as customer_month_key,
        movements.month_end as date_key,
        customers.customer_key,
        movements.customer_id,
        movements.month_start,
        movements.is_complete_month,
        movements.month_number::integer as month_number,

        movements.order_count::integer as order_count,
        movements.line_count::integer as line_count,
        movements.currency_code,
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

        movements.source_system,
        movements.customer_id || '|' || movements.month_start as source_record_id,
        movements.loaded_at,
        movements.batch_id

    from movements

    inner join customers
        on
            movements.customer_id = customers.customer_id
            and movements.month_end::timestamp >= customers.valid_from
            and movements.month_end::timestamp < customers.valid_to

    order by movements.month_end

)

select * from final
