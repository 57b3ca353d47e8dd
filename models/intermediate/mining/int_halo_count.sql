{#  Grain: one row a frequent item and stratum of baskets: what else those with it hold,
    in value. A stratum is a currency, month, channel, and whether the customer is known,
    of the baskets that were known by the past cut-off or of those that were not. With
    the code 0 as the item it is all items of the stratum, each looked at once.

    Sums are of whole cents: the same in whatever order.  #}

{%- set cents -%}
    (
        case
            when bases.has_margin then coalesce(lines.margin_amount, 0)
            else lines.net_amount
        end * 100
    )::bigint
{%- endset -%}

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

items as (

    select * from {{ ref('int_item_count') }}

),

lines as (

    select
        known_lines.id_space,
        known_lines.currency_code,
        known_lines.order_key,
        known_lines.product_id,
        known_lines.channel_key,
        known_lines.customer_id is not null as has_customer,
        last_day(known_lines.date_key) as month_end,
        coalesce(known_lines.recorded_on <= windows.past_day, false) as is_known_past,
        known_lines.net_amount,
        known_lines.margin_amount

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

baskets as (

    select
        lines.order_key,
        any_value(lines.id_space) as id_space,
        min(lines.currency_code) as currency_code,
        min(lines.channel_key) as channel_key,
        bool_or(lines.has_customer) as has_customer,
        min(lines.month_end) as month_end,
        bool_and(lines.is_known_past) as is_known_past,
        sum({{ cents }})::bigint as basket_cents

    from lines

    inner join bases
        on lines.id_space = bases.id_space

    group by lines.order_key

    having min(lines.currency_code) = max(lines.currency_code)

),

basket_items as (

    select
        lines.order_key,
        product_items.level,
        product_items.item_code,
        sum({{ cents }})::bigint as item_cents

    from lines

    inner join bases
        on lines.id_space = bases.id_space

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
        bases.has_margin,
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

    inner join bases
        on strata.id_space = bases.id_space

)

select * from final
