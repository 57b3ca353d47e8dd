{#  Grain: one row a line that halos look at: a sale of the twelve months up to the past
    cut-off or the current one, as it was known at the current one. Its value is in whole
    cents, so that sums of it are the same in whatever order.  #}

{{ config(materialized='view') }}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

windows as (

    select * from {{ ref('int_affinity_window') }}

),

lines as (

    select
        known_lines.id_space,
        known_lines.order_key,
        known_lines.product_id,
        known_lines.store_id,
        known_lines.channel_key,
        known_lines.currency_code,
        known_lines.customer_id,
        known_lines.date_key,
        known_lines.net_amount,
        known_lines.margin_amount,
        windows.current_day,
        coalesce(known_lines.recorded_on <= windows.past_day, false) as is_known_past

    from known_lines

    inner join windows
        on
            known_lines.id_space = windows.id_space
            and known_lines.recorded_on <= windows.current_day
            and known_lines.date_key <= windows.current_day
            and known_lines.date_key > last_day(
                least(windows.current_day, windows.past_day) - interval 12 month
            )

    where known_lines.line_type = 'sale'

),

-- value is margin where the costs of nearly all lines are known
bases as (

    select
        id_space,
        count(*) - count(margin_amount)
        <= {{ var('mining_costless_share') }} * count(*) as has_margin

    from lines

    group by id_space

),

final as (

    select
        lines.id_space,
        lines.order_key,
        lines.product_id,
        lines.store_id,
        lines.channel_key,
        lines.currency_code,
        lines.customer_id is not null as has_customer,
        lines.date_key,
        last_day(lines.date_key) as month_end,
        lines.date_key > last_day(lines.current_day - interval 12 month)
            as is_of_current_year,
        lines.is_known_past,
        bases.has_margin,
        (
            case
                when bases.has_margin then coalesce(lines.margin_amount, 0)
                else lines.net_amount
            end * 100
        )::bigint as value_cents

    from lines

    inner join bases
        on lines.id_space = bases.id_space

)

select * from final
