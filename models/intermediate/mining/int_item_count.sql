{#  Grain: one row an item that was bought: its baskets, and all there were.  #}

with

basket_items as (

    select * from {{ ref('int_basket_item') }}

),

items as (

    select * from {{ ref('int_item') }}

),

baskets as (

    select
        basket_id,
        any_value(item_code) as item_code,
        bit_or(windows) as windows

    from basket_items

    where level = 'product'

    group by basket_id

),

totals as (

    select
        {% for bit, window in [(1, 'current'), (2, 'past'), (4, 'later')] -%}
        count(*) filter (baskets.windows & {{ bit }} > 0) as {{ window }}_total,
        {% endfor -%}
        items.id_space

    from baskets

    inner join items
        on baskets.item_code = items.item_code

    group by items.id_space

),

counted as (

    select
        {% for bit, window in [(1, 'current'), (2, 'past'), (4, 'later')] -%}
        count(*) filter (windows & {{ bit }} > 0) as {{ window }}_baskets,
        {% endfor -%}
        item_code

    from basket_items

    group by item_code

),

final as (

    select
        counted.item_code,
        items.id_space,
        items.level,
        items.item,
        counted.current_baskets,
        counted.past_baskets,
        counted.later_baskets,
        totals.current_total,
        totals.past_total,
        totals.later_total,
        {{ supported('counted', 'totals') }} as is_frequent,
        {{ supported('counted', 'totals', triples=true) }}
            as is_in_triples

    from counted

    inner join items
        on counted.item_code = items.item_code

    inner join totals
        on items.id_space = totals.id_space

)

select * from final
