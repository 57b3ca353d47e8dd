{#  Grain: one row an ordered pair of items, of the pairs that are frequent up to the
    current cut-off, in baskets or across days: how often customers bought the one, and the other within 30 days
    after. With the code 0 as the first item it says the same of any purchase.

    Purchases are one a customer, item and day. Months of 31 days keep the join small:
    what follows within 30 days is in the month of what it follows or in the next.  #}

{% set days = 30 %}

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

item_sets as (

    select * from {{ ref('int_item_set_count') }}

),

lines as (

    select
        known_lines.id_space,
        known_lines.customer_id,
        known_lines.product_id,
        known_lines.date_key,
        known_lines.date_key <= windows.current_day - {{ days }} as is_watched,
        coalesce(known_lines.date_key <= windows.past_day - {{ days }}, false)
            as is_early,
        coalesce(
            known_lines.date_key >= windows.later_from
            and known_lines.date_key
            <= least(windows.later_to, windows.current_day) - {{ days }},
            false
        ) as is_late

    from known_lines

    inner join windows
        on
            known_lines.id_space = windows.id_space
            and known_lines.date_key > windows.current_after
            and known_lines.date_key <= windows.current_day
            and known_lines.recorded_on <= windows.current_day

    where known_lines.line_type = 'sale' and known_lines.customer_id is not null

),

customers as (

    select
        customer_id,
        row_number() over () as customer_number

    from lines

    group by customer_id

),

purchases as (

    select distinct
        customers.customer_number,
        product_items.level,
        product_items.item_code,
        lines.id_space,
        lines.date_key,
        lines.is_watched,
        lines.is_early,
        lines.is_late

    from lines

    inner join customers
        on lines.customer_id = customers.customer_id

    inner join product_items
        on lines.product_id = product_items.product_id

    inner join items
        on product_items.item_code = items.item_code

    where items.is_frequent

    union all

    -- any purchase, at each level
    select distinct
        customers.customer_number,
        unnest(['product', 'class', 'brand']) as level,
        0 as item_code,
        lines.id_space,
        lines.date_key,
        lines.is_watched,
        lines.is_early,
        lines.is_late

    from lines

    inner join customers
        on lines.customer_id = customers.customer_id

),

ordered_purchases as (

    select
        *,
        lag(date_key) over (
            partition by customer_number, level, item_code order by date_key
        ) as previous_date_key

    from purchases

),

watched as (

    select
        id_space,
        level,
        item_code,
        count(*) filter (is_watched) as days,
        count(*) filter (is_early) as early_days,
        count(*) filter (is_late) as late_days

    from purchases

    group by id_space, level, item_code

),

earlier as (

    select
        customer_number,
        level,
        item_code,
        date_key,
        is_watched,
        is_early,
        is_late,
        previous_date_key is null as is_first,
        epoch(date_key)::bigint // 86400 // {{ days + 1 }} as month_number

    from ordered_purchases

),

later as (

    select
        customer_number,
        level,
        item_code,
        date_key,
        coalesce(previous_date_key, date '0001-01-01') as previous_date_key,
        previous_date_key is null as is_first,
        unnest([
            epoch(date_key)::bigint // 86400 // {{ days + 1 }},
            epoch(date_key)::bigint // 86400 // {{ days + 1 }} - 1
        ]) as month_number

    from ordered_purchases

    where item_code <> 0

),

-- of what follows, the first purchase alone: so that none counts twice
counted as (

    select
        earlier.item_code as first_code,
        later.item_code as second_code,
        count(*) filter (
            earlier.is_watched and later.date_key > earlier.date_key
        ) as followed_days,
        count(*) filter (
            earlier.is_early and later.date_key > earlier.date_key
        ) as early_followed_days,
        count(*) filter (
            earlier.is_late and later.date_key > earlier.date_key
        ) as late_followed_days,
        count(*) filter (
            earlier.is_first and later.is_first and later.date_key > earlier.date_key
        ) as earlier_customers,
        count(*) filter (
            earlier.is_first and later.is_first and later.date_key = earlier.date_key
        ) as same_day_customers

    from earlier

    inner join later
        on
            earlier.customer_number = later.customer_number
            and earlier.level = later.level
            and earlier.month_number = later.month_number
            and earlier.date_key >= later.previous_date_key
            and earlier.date_key <= later.date_key
            and later.date_key - earlier.date_key <= {{ days }}

    where earlier.item_code <> later.item_code

    group by earlier.item_code, later.item_code

),

frequent_follows as (

    select
        counted.first_code,
        counted.second_code

    from counted

    inner join items
        on counted.second_code = items.item_code

    inner join watched as anything
        on
            items.id_space = anything.id_space
            and items.level = anything.level
            and anything.item_code = 0

    where
        counted.first_code <> 0
        and (
            coalesce(
                counted.followed_days / nullif(anything.days, 0)
                >= {{ var('affinity_support') }},
                false
            )
            or coalesce(
                counted.early_followed_days / nullif(anything.early_days, 0)
                >= {{ var('affinity_support') }},
                false
            )
        )

),

pairs as (

    select
        first_code,
        second_code

    from item_sets

    where third_code is null

    union all

    select
        first_code,
        second_code

    from frequent_follows

),

-- both ways round, each once
asked as (

    select
        first_code,
        second_code

    from pairs

    union

    select
        second_code as first_code,
        first_code as second_code

    from pairs

    union

    select
        0 as first_code,
        item_code as second_code

    from items

    where is_frequent

),

final as (

    select
        asked.first_code,
        asked.second_code,
        coalesce(watched.days, 0) as watched_days,
        coalesce(counted.followed_days, 0) as followed_days,
        coalesce(counted.earlier_customers, 0) as earlier_customers,
        coalesce(counted.same_day_customers, 0) as same_day_customers,
        coalesce(watched.early_days, 0) as early_watched_days,
        coalesce(counted.early_followed_days, 0) as early_followed_days,
        coalesce(watched.late_days, 0) as late_watched_days,
        coalesce(counted.late_followed_days, 0) as late_followed_days

    from asked

    inner join items
        on asked.second_code = items.item_code

    left join counted
        on
            asked.first_code = counted.first_code
            and asked.second_code = counted.second_code

    left join watched
        on
            items.id_space = watched.id_space
            and items.level = watched.level
            and asked.first_code = watched.item_code

)

select * from final
