{#  Grain: one row a pair or triple of items that is frequent up to a cut-off, by the
    codes of its items in rising order: the baskets that hold all of them.

    Only items that are frequent are put together, and only pairs that are frequent make
    triples: a set is in no more baskets than any part of it, so nothing is lost. What
    memory holds is a row a set; the baskets stream by.  #}

{% set windows = [(1, 'current'), (2, 'past'), (4, 'later')] %}

with

basket_items as (

    select * from {{ ref('int_basket_item') }}

),

items as (

    select * from {{ ref('int_item_count') }}

),

frequent as (

    select
        basket_items.basket_id,
        basket_items.level,
        basket_items.item_code,
        basket_items.windows,
        items.is_in_triples

    from basket_items

    inner join items
        on basket_items.item_code = items.item_code

    where items.is_frequent

),

pairs as (

    select
        {% for bit, window in windows -%}
        count(*) filter (firsts.windows & seconds.windows & {{ bit }} > 0)
            as {{ window }}_baskets,
        {% endfor -%}
        firsts.item_code as first_code,
        seconds.item_code as second_code

    from frequent as firsts

    inner join frequent as seconds
        on
            firsts.basket_id = seconds.basket_id
            and firsts.level = seconds.level
            and firsts.item_code < seconds.item_code

    group by firsts.item_code, seconds.item_code

),

frequent_pairs as (

    select
        pairs.*,
        {{ supported('pairs', 'items') }} as is_frequent,
        {{ supported('pairs', 'items', triples=true) }} as is_in_triples

    from pairs

    inner join items
        on pairs.first_code = items.item_code

),

-- the pairs that triples are made of, basket by basket
held_pairs as (

    select
        firsts.basket_id,
        firsts.level,
        firsts.item_code as first_code,
        seconds.item_code as second_code,
        firsts.windows & seconds.windows as windows

    from frequent as firsts

    inner join frequent as seconds
        on
            firsts.basket_id = seconds.basket_id
            and firsts.level = seconds.level
            and firsts.item_code < seconds.item_code

    inner join frequent_pairs
        on
            firsts.item_code = frequent_pairs.first_code
            and seconds.item_code = frequent_pairs.second_code

    where
        firsts.is_in_triples
        and seconds.is_in_triples
        and frequent_pairs.is_in_triples

),

triples as (

    select
        {% for bit, window in windows -%}
        count(*) filter (held_pairs.windows & thirds.windows & {{ bit }} > 0)
            as {{ window }}_baskets,
        {% endfor -%}
        held_pairs.first_code,
        held_pairs.second_code,
        thirds.item_code as third_code

    from held_pairs

    inner join frequent as thirds
        on
            held_pairs.basket_id = thirds.basket_id
            and held_pairs.level = thirds.level
            and held_pairs.second_code < thirds.item_code

    inner join frequent_pairs as outer_pairs
        on
            held_pairs.first_code = outer_pairs.first_code
            and thirds.item_code = outer_pairs.second_code
            and outer_pairs.is_in_triples

    inner join frequent_pairs as last_pairs
        on
            held_pairs.second_code = last_pairs.first_code
            and thirds.item_code = last_pairs.second_code
            and last_pairs.is_in_triples

    where thirds.is_in_triples

    group by
        held_pairs.first_code,
        held_pairs.second_code,
        thirds.item_code

),

final as (

    select
        first_code,
        second_code,
        null::integer as third_code,
        current_baskets,
        past_baskets,
        later_baskets

    from frequent_pairs

    where is_frequent

    union all

    select
        triples.first_code,
        triples.second_code,
        triples.third_code,
        triples.current_baskets,
        triples.past_baskets,
        triples.later_baskets

    from triples

    inner join items
        on triples.first_code = items.item_code

    where {{ supported('triples', 'items', triples=true) }}

)

select * from final
