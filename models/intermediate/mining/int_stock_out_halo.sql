{#  Grain: one row a product, currency, store, month and kind of day (weekend or not)
    with days through which the product was out of stock and days through which it was
    there: what baskets of the store held beside it, on the ones and the others.

    Days on which it went out or came back are neither: it goes out on busy days. Sums
    are of whole numbers: the same in whatever order.  #}

with

lines as (

    select * from {{ ref('int_halo_line') }}

    where is_of_current_year

),

windows as (

    select * from {{ ref('int_affinity_window') }}

),

product_items as (

    select * from {{ ref('int_product_item') }}

    where level = 'product'

),

items as (

    select * from {{ ref('int_item_count') }}

    where is_frequent

),

stock_outs as (

    select * from {{ ref('fct_stock_out') }}

    where store_key > 0

),

outs as (

    select
        product_items.id_space,
        product_items.item_code,
        stock_outs.product_id,
        stock_outs.store_id,
        stock_outs.date_key,
        stock_outs.ended_date_key,
        greatest(
            stock_outs.date_key,
            last_day(windows.current_day - interval 12 month) + 1
        ) as first_day,
        least(stock_outs.ended_date_key, windows.current_day) as last_day

    from stock_outs

    inner join product_items
        on stock_outs.product_id = product_items.product_id

    inner join items
        on product_items.item_code = items.item_code

    inner join windows
        on
            product_items.id_space = windows.id_space
            and stock_outs.date_key <= windows.current_day
            and stock_outs.ended_date_key
            > last_day(windows.current_day - interval 12 month)

),

days_of_outs as (

    select
        *,
        unnest(
            generate_series(first_day::timestamp, last_day::timestamp, interval 1 day)
        )::date as day

    from outs

),

out_days as (

    select
        id_space,
        item_code,
        store_id,
        day,
        bool_or(day > date_key and day < ended_date_key) as is_out

    from days_of_outs

    group by
        id_space,
        item_code,
        store_id,
        day

),

strata as (

    select distinct
        id_space,
        item_code,
        store_id,
        last_day(day) as month_end,
        isodow(day) > 5 as is_weekend

    from out_days

    where is_out

),

products_out as (

    select distinct
        product_id,
        item_code

    from outs

),

baskets as (

    select
        order_key,
        any_value(id_space) as id_space,
        min(currency_code) as currency_code,
        any_value(has_margin) as has_margin,
        min(store_id) as store_id,
        min(date_key) as day,
        sum(value_cents)::bigint as basket_cents

    from lines

    where store_id in (select strata.store_id from strata)

    group by order_key

    having min(currency_code) = max(currency_code)

),

store_days as (

    select
        id_space,
        currency_code,
        any_value(has_margin) as has_margin,
        store_id,
        day,
        last_day(day) as month_end,
        isodow(day) > 5 as is_weekend,
        count(*) as baskets,
        sum(basket_cents)::bigint as cents

    from baskets

    group by
        id_space,
        currency_code,
        store_id,
        day

),

basket_items as (

    select
        lines.order_key,
        products_out.item_code,
        sum(lines.value_cents)::bigint as own_cents

    from lines

    inner join products_out
        on lines.product_id = products_out.product_id

    group by lines.order_key, products_out.item_code

),

item_days as (

    select
        basket_items.item_code,
        baskets.currency_code,
        baskets.store_id,
        baskets.day,
        count(*) as held,
        sum(basket_items.own_cents)::bigint as own_cents

    from basket_items

    inner join baskets
        on basket_items.order_key = baskets.order_key

    group by
        basket_items.item_code,
        baskets.currency_code,
        baskets.store_id,
        baskets.day

),

compared_days as (

    select
        strata.id_space,
        store_days.currency_code,
        store_days.has_margin,
        strata.item_code,
        strata.store_id,
        strata.month_end,
        strata.is_weekend,
        coalesce(out_days.is_out, false) as is_out,
        store_days.baskets as n,
        store_days.cents - coalesce(item_days.own_cents, 0) as y,
        coalesce(item_days.held, 0) as z

    from strata

    inner join store_days
        on
            strata.id_space = store_days.id_space
            and strata.store_id = store_days.store_id
            and strata.month_end = store_days.month_end
            and strata.is_weekend = store_days.is_weekend

    left join out_days
        on
            strata.item_code = out_days.item_code
            and strata.store_id = out_days.store_id
            and store_days.day = out_days.day

    left join item_days
        on
            strata.item_code = item_days.item_code
            and store_days.currency_code = item_days.currency_code
            and strata.store_id = item_days.store_id
            and store_days.day = item_days.day

    where out_days.is_out is distinct from false

),

final as (

    select
        id_space,
        currency_code,
        any_value(has_margin) as has_margin,
        item_code,
        store_id,
        month_end,
        {% for side, condition in [('in', 'not is_out'), ('out', 'is_out')] -%}
        count(*) filter ({{ condition }}) as {{ side }}_days,
        {% for name, sum, parts in [
            ('baskets', 'n', 1),
            ('other_value', 'y', 100),
            ('held', 'z', 1),
            ('other_squares', 'y::hugeint * y', 10000),
            ('other_by_held', 'y::hugeint * z', 100),
            ('held_squares', 'z * z', 1),
            ('other_by_baskets', 'y::hugeint * n', 100),
            ('held_by_baskets', 'z * n', 1),
            ('basket_squares', 'n * n', 1),
        ] -%}
        (sum({{ sum }}) filter ({{ condition }}) / {{ parts }})::double
            as {{ side }}_{{ name }},
        {% endfor -%}
        {% endfor -%}
        is_weekend

    from compared_days

    group by
        id_space,
        currency_code,
        item_code,
        store_id,
        month_end,
        is_weekend

    having bool_or(is_out) and not bool_and(is_out)

)

select * from final
