{#  Grain: one row an id space, currency, scheme, calendar quarter and pair of states
    that somebody was in at its two ends. Both are told by one version of the
    definitions, so that no change of these counts as a move; `none` is who was no
    customer yet, or bought nothing in the year (tier) or quarter (class).  #}

{% set largest = var('migration_classes') %}

with

definitions as (

    select * from {{ ref('int_mining_definition') }}

),

stages as (

    select * from {{ ref('int_customer_stage') }}

),

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

known_lines as (

    select * from {{ ref('int_known_line') }}

),

product_items as (

    select * from {{ ref('int_product_item') }}

),

quarters as (

    select
        ends.id_space,
        ends.definition_version,
        starts.cutoff_date as period_from,
        ends.cutoff_date as period_to

    from definitions as ends

    inner join definitions as starts
        on
            ends.id_space = starts.id_space
            and ends.definition_version = starts.definition_version
            and starts.cutoff_date = last_day(ends.cutoff_date - interval 3 month)

    where month(ends.cutoff_date) % 3 = 0

),

-- what a customer is at both ends, told by one version
placed as (

    select
        quarters.*,
        ends.customer_id,
        starts.customer_id is null as is_new,
        starts.lifecycle_stage as stage_from,
        ends.lifecycle_stage as stage_to,
        case when starts.order_day_count_365 > 0 then starts.value_tier end
            as tier_from,
        case when ends.order_day_count_365 > 0 then ends.value_tier end as tier_to,
        ends.value_tier is not null as has_tier

    from quarters

    inner join stages as ends
        on
            quarters.id_space = ends.id_space
            and quarters.definition_version = ends.definition_version
            and quarters.period_to = ends.cutoff_date

    left join stages as starts
        on
            quarters.id_space = starts.id_space
            and quarters.definition_version = starts.definition_version
            and quarters.period_from = starts.cutoff_date
            and ends.customer_id = starts.customer_id

),

class_lines as (

    select
        known_lines.id_space,
        known_lines.customer_id,
        product_items.item as class_name,
        last_day(make_date(
            year(known_lines.date_key)::integer,
            quarter(known_lines.date_key)::integer * 3,
            1
        )) as quarter_end,
        known_lines.net_amount

    from known_lines

    inner join product_items
        on
            known_lines.product_id = product_items.product_id
            and product_items.level = 'class'

    where known_lines.line_type = 'sale' and known_lines.customer_id is not null

),

class_amounts as (

    select
        id_space,
        customer_id,
        quarter_end,
        class_name,
        sum(net_amount) as net_amount

    from class_lines

    group by
        id_space,
        customer_id,
        quarter_end,
        class_name

),

main_classes as (

    select
        id_space,
        customer_id,
        quarter_end,
        arg_max(class_name, (net_amount, class_name)) as class_name

    from class_amounts

    group by
        id_space,
        customer_id,
        quarter_end

),

largest_classes as (

    select
        id_space,
        class_name

    from main_classes

    group by id_space, class_name

    qualify
        row_number() over (partition by id_space order by count(*) desc, class_name)
        <= {{ largest }}

),

named_classes as (

    select
        main_classes.id_space,
        main_classes.customer_id,
        main_classes.quarter_end,
        coalesce(largest_classes.class_name, 'other classes') as class_name

    from main_classes

    left join largest_classes
        on
            main_classes.id_space = largest_classes.id_space
            and main_classes.class_name = largest_classes.class_name

),

moved as (

    select
        placed.id_space,
        placed.definition_version,
        placed.period_from,
        placed.period_to,
        placed.customer_id,
        'lifecycle_stage' as scheme,
        coalesce(placed.stage_from, 'none') as state_from,
        placed.stage_to as state_to

    from placed

    where
        placed.stage_to is not null
        and (placed.is_new or placed.stage_from is not null)

    union all

    select
        placed.id_space,
        placed.definition_version,
        placed.period_from,
        placed.period_to,
        placed.customer_id,
        'value_tier' as scheme,
        coalesce(placed.tier_from, 'none') as state_from,
        coalesce(placed.tier_to, 'none') as state_to

    from placed

    where placed.has_tier

    union all

    select
        placed.id_space,
        placed.definition_version,
        placed.period_from,
        placed.period_to,
        placed.customer_id,
        'main_class' as scheme,
        coalesce(starts.class_name, 'none') as state_from,
        coalesce(ends.class_name, 'none') as state_to

    from placed

    left join named_classes as starts
        on
            placed.customer_id = starts.customer_id
            and placed.period_from = starts.quarter_end

    left join named_classes as ends
        on
            placed.customer_id = ends.customer_id
            and placed.period_to = ends.quarter_end

),

final as (

    select
        moved.id_space,
        ends.currency_code,
        moved.scheme,
        moved.definition_version,
        moved.period_from,
        moved.period_to,
        moved.state_from,
        moved.state_to,
        count(*) as customers,
        coalesce(sum(starts.value_amount_91), 0)::decimal(18, 2) as value_from,
        sum(ends.value_amount_91)::decimal(18, 2) as value_to

    from moved

    inner join month_ends as ends
        on
            moved.id_space = ends.id_space
            and moved.customer_id = ends.customer_id
            and moved.period_to = ends.cutoff_date

    left join month_ends as starts
        on
            moved.id_space = starts.id_space
            and moved.customer_id = starts.customer_id
            and moved.period_from = starts.cutoff_date

    where moved.state_from <> 'none' or moved.state_to <> 'none'

    group by
        moved.id_space,
        ends.currency_code,
        moved.scheme,
        moved.definition_version,
        moved.period_from,
        moved.period_to,
        moved.state_from,
        moved.state_to

)

select * from final
