{#  Grain: one row a basket and item that it holds, of the baskets that rules are found
    or judged by. `windows` has a bit for each window that the item is in the basket
    for: 1 the current one, 2 the past one, 4 what came after that.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

windows as (

    select * from {{ ref('int_affinity_window') }}

),

product_items as (

    select * from {{ ref('int_product_item') }}

),

lines as (

    select
        known_lines.order_key as basket_id,
        known_lines.product_id,
        (
            known_lines.date_key > windows.current_after
            and known_lines.date_key <= windows.current_day
            and known_lines.recorded_on <= windows.current_day
        )::utinyint
        + 2::utinyint * coalesce(
            known_lines.date_key > windows.past_after
            and known_lines.date_key <= windows.past_day
            and known_lines.recorded_on <= windows.past_day,
            false
        )::utinyint
        + 4::utinyint * coalesce(
            known_lines.date_key between windows.later_from and windows.later_to,
            false
        )::utinyint as in_windows

    from known_lines

    inner join windows
        on
            known_lines.id_space = windows.id_space
            and known_lines.date_key
            > least(windows.current_after, windows.past_after)

    where known_lines.line_type = 'sale'

),

final as (

    select
        lines.basket_id,
        product_items.level,
        product_items.item_code,
        bit_or(lines.in_windows::utinyint) as windows

    from lines

    inner join product_items
        on lines.product_id = product_items.product_id

    where lines.in_windows > 0

    group by
        lines.basket_id,
        product_items.level,
        product_items.item_code

)

select * from final
