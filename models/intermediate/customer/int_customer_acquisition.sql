{#  Grain: one row a customer with at least one order line. How they came: fixed at
    their first line, by time, then by record.

    Incremental: a customer's first line is the first of the one known so far and the
    new ones. Where the one known so far was delivered again, it counts no longer as
    it was; if it is another's now, or later than it was, the customer's other lines
    are asked of fct_sales_line, which still stands as the last run left it.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key='customer_id',
    meta={'beside': ['fct_sales_line']},
) }}

with

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

batches as (

    select coalesce(max(loaded_at), timestamp '1900-01-01') as loaded_through

    from {{ source('landing', 'load_batch') }}

),

named as (

    select
        {{ durable_id('source_customer_id') }} as customer_id,
        ordered_at,
        ordered_at_local::date as acquisition_date,
        channel_code,
        {{ durable_id('source_product_id') }} as product_id,
        source_system,
        source_record_id

    from order_lines

    where source_customer_id is not null

),

{% if is_incremental() -%}
known as (

    select * from {{ this }}

),

delivered_again as (

    select
        known.customer_id,
        (
            order_lines.ordered_at is null
            or order_lines.ordered_at > known.first_ordered_at
            or order_lines.source_customer_id is null
            or known.customer_id <> {{ durable_id(
                'order_lines.source_customer_id', 'order_lines.id_space'
            ) }}
        ) as may_be_another_one

    from known

    inner join order_lines
        on
            known.source_system = order_lines.source_system
            and known.source_record_id = order_lines.source_record_id

),

still_known as (

    select known.*

    from known

    where
        known.customer_id in (select named.customer_id from named)
        and known.customer_id not in (
            select delivered_again.customer_id from delivered_again
        )

),

-- set apart, so that only their lines are held against the new ones
their_lines as materialized (

    select *

    from {{ former('fct_sales_line') }}

    where
        customer_id in (
            select delivered_again.customer_id from delivered_again
            where delivered_again.may_be_another_one
        )

),

lines_so_far as (

    select
        sales_lines.customer_id,
        sales_lines.ordered_at,
        sales_lines.date_key as acquisition_date,
        channels.channel_code,
        case
            when contains(sales_lines.product_id, ':') then sales_lines.product_id
        end as product_id,
        sales_lines.source_system,
        sales_lines.source_record_id

    from their_lines as sales_lines

    inner join {{ former('dim_channel') }} as channels
        on sales_lines.channel_key = channels.channel_key

    anti join order_lines
        on
            sales_lines.source_system = order_lines.source_system
            and sales_lines.source_record_id = order_lines.source_record_id

),

{% endif -%}
-- read twice, which is less work than keeping all of them in the order of time
candidates as not materialized (

    select * from named
    {% if is_incremental() %}
    union all

    select
        customer_id,
        first_ordered_at as ordered_at,
        acquisition_date,
        acquisition_channel_code as channel_code,
        first_product_id as product_id,
        source_system,
        source_record_id

    from still_known

    union all

    select * from lines_so_far
    {% endif %}
),

first_instants as (

    select
        customer_id,
        min(ordered_at) as ordered_at

    from candidates

    group by customer_id

),

-- few a customer: the lines of an order have one instant
first_lines as (

    select candidates.*

    from candidates

    semi join first_instants
        on
            candidates.customer_id = first_instants.customer_id
            and candidates.ordered_at = first_instants.ordered_at

    qualify
        row_number() over (
            partition by candidates.customer_id
            order by candidates.source_record_id
        ) = 1

),

final as (

    select
        first_lines.customer_id,
        first_lines.ordered_at as first_ordered_at,
        first_lines.acquisition_date,
        first_lines.channel_code as acquisition_channel_code,
        first_lines.product_id as first_product_id,
        first_lines.source_system,
        first_lines.source_record_id,
        batches.loaded_through as refreshed_through

    from first_lines

    cross join batches
    {% if is_incremental() %}
    anti join known
        on
            first_lines.customer_id = known.customer_id
            and first_lines.source_system = known.source_system
            and first_lines.source_record_id = known.source_record_id
            and known.customer_id not in (
                select delivered_again.customer_id from delivered_again
            )

    union all

    -- whose only line is another's now
    select
        delivered_again.customer_id,
        null as first_ordered_at,
        null as acquisition_date,
        null as acquisition_channel_code,
        null as first_product_id,
        null as source_system,
        null as source_record_id,
        batches.loaded_through as refreshed_through

    from delivered_again

    cross join batches

    anti join first_lines
        on delivered_again.customer_id = first_lines.customer_id
    {% endif %}
)

select * from final
