{#  Grain: one row a frequent item and stratum of baskets: what else those with it hold,
    in value. A stratum is a currency, month, channel, and whether the customer is known,
    of the baskets that were known by the past cut-off or of those that were not. With
    the code 0 as the item it is all items of the stratum, each looked at once.

    Sums are of whole cents: the same in whatever order.  #}

with

lines as (

    select * from {{ ref('int_halo_line') }}

),

product_items as (

    select * from {{ ref('int_product_item') }}

),

items as (

    select * from {{ ref('int_item_count') }}

),

baskets as (

    select
        order_key,
        any_value(id_space) as id_space,
        min(currency_code) as currency_code,
        any_value(has_margin) as has_margin,
        min(channel_key) as channel_key,
        bool_or(has_customer) as has_customer,
        min(month_end) as month_end,
        bool_and(is_known_past) as is_known_past,
        sum(value_cents)::bigint as basket_cents

    from lines

    group by order_key

    having min(currency_code) = max(currency_code)

),

basket_items as (

    select
        lines.order_key,
        product_items.level,
        product_items.item_code,
        sum(lines.value_cents)::bigint as item_cents

    from lines

    inner join product_items
        on lines.product_id = product_items.product_id

    group by
        lines.order_key,
        product_items.level,
        product_items.item_code

),

strata as (

    select
        *,
        row_number() over (
            order by
                id_space,
                currency_code,
                month_end,
                channel_key,
                has_customer,
                is_known_past
        ) as stratum

    from (
        select distinct
            id_space,
            has_margin,
            currency_code,
            month_end,
            channel_key,
            has_customer,
            is_known_past

        from baskets
    ) as told

),

placed_items as (

    select
        strata.stratum,
        basket_items.order_key,
        basket_items.level,
        basket_items.item_code,
        basket_items.item_cents,
        baskets.basket_cents - basket_items.item_cents as other_cents

    from basket_items

    inner join baskets
        on basket_items.order_key = baskets.order_key

    inner join strata
        on
            baskets.id_space = strata.id_space
            and baskets.currency_code = strata.currency_code
            and baskets.month_end = strata.month_end
            and baskets.channel_key = strata.channel_key
            and baskets.has_customer = strata.has_customer
            and baskets.is_known_past = strata.is_known_past

),

item_totals as (

    select
        stratum,
        item_code,
        count(*) as baskets

    from placed_items

    group by stratum, item_code

),

weighed_items as (

    select
        placed_items.*,
        item_totals.baskets * placed_items.item_cents as weighed_cents

    from placed_items

    inner join item_totals
        on
            placed_items.stratum = item_totals.stratum
            and placed_items.item_code = item_totals.item_code

),

basket_sums as (

    select
        order_key,
        level,
        count(*) as pairs,
        sum(weighed_cents)::bigint as weighed_cents

    from weighed_items

    group by order_key, level

),

counted_items as (

    select
        weighed_items.stratum,
        weighed_items.level,
        weighed_items.item_code,
        count(*) as baskets,
        sum(weighed_items.other_cents) as other_cents,
        sum(weighed_items.other_cents::hugeint * weighed_items.other_cents)
            as square_cents,
        sum(basket_sums.weighed_cents - weighed_items.weighed_cents)
            as weighed_cents,
        sum((basket_sums.pairs - 1) * weighed_items.item_cents) as own_cents

    from weighed_items

    inner join items
        on weighed_items.item_code = items.item_code and items.is_frequent

    inner join basket_sums
        on
            weighed_items.order_key = basket_sums.order_key
            and weighed_items.level = basket_sums.level

    group by
        weighed_items.stratum,
        weighed_items.level,
        weighed_items.item_code

),

stratum_totals as (

    select
        stratum,
        level,
        count(*) as baskets,
        count(distinct order_key) as all_baskets,
        sum(other_cents) as other_cents,
        sum(other_cents::hugeint * other_cents) as square_cents

    from placed_items

    group by stratum, level

),

counted as (

    select * from counted_items

    union all by name

    select
        * exclude (all_baskets),
        0 as item_code,
        0 as weighed_cents,
        0 as own_cents

    from stratum_totals

),

final as (

    select
        strata.id_space,
        counted.level,
        strata.currency_code,
        strata.has_margin,
        counted.item_code,
        strata.stratum,
        strata.month_end,
        strata.is_known_past,
        counted.baskets,
        stratum_totals.all_baskets,
        (counted.other_cents / 100)::double as other_value,
        (counted.square_cents / 10000)::double as other_squares,
        (counted.weighed_cents / 100)::double as weighed_value,
        (counted.own_cents / 100)::double as own_value

    from counted

    inner join strata
        on counted.stratum = strata.stratum

    inner join stratum_totals
        on
            counted.stratum = stratum_totals.stratum
            and counted.level = stratum_totals.level

)

select * from final
