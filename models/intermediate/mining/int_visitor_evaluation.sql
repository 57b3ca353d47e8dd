{#  Grain: one row an id space and past cut-off: of the orders that came later, the
    share that hold one of the products listed for their type of visitor, against the products
    listed for all. Order by order, so that the interval is of the difference.  #}

with

baskets as (

    select * from {{ ref('int_visitor_basket') }}

),

lists as (

    select * from {{ ref('int_visitor_list') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

-- a type that was never seen has no list: it gets that of all
hits as (

    select
        baskets.id_space,
        baskets.cutoff_date,
        baskets.order_key,
        any_value(baskets.visitor_type) as visitor_type,
        max(
            coalesce(lists.type_rank <= {{ var('next_product_count') }}, false)::integer
        ) as own,
        max(
            coalesce(lists.all_rank <= {{ var('next_product_count') }}, false)::integer
        ) as base

    from baskets

    inner join cutoffs
        on
            baskets.id_space = cutoffs.id_space
            and baskets.cutoff_date = cutoffs.cutoff_date

    left join lists
        on
            baskets.id_space = lists.id_space
            and baskets.cutoff_date = lists.cutoff_date
            and baskets.visitor_type = lists.visitor_type
            and baskets.item_number = lists.item_number

    where baskets.is_label and cutoffs.is_mature

    group by
        baskets.id_space,
        baskets.cutoff_date,
        baskets.order_key

),

counted as (

    select
        id_space,
        cutoff_date,
        count(*) as n,
        count(distinct visitor_type) as types,
        avg(own) as value,
        avg(base) as baseline_value,
        avg(own - base) as gain,
        1.96 * stddev_samp(own) / sqrt(count(*)) as away,
        1.96 * stddev_samp(own - base) / sqrt(count(*)) as gain_away

    from hits

    group by id_space, cutoff_date

),

reasoned as (

    select
        *,
        case
            when n < 50 then n || ' orders; at least 50 are needed'
            when types < 2 then 'all visitors are of one type'
            else ''
        end as reason

    from counted

),

final as (

    select
        'next_product_visitor' as model,
        id_space,
        'all' as part,
        cutoff_date,
        'hit' as metric,
        true as is_primary,
        value::double as value,
        (value - away)::double as lo,
        (value + away)::double as hi,
        baseline_value::double as baseline_value,
        gain::double as gain,
        (gain - gain_away)::double as gain_lo,
        (gain + gain_away)::double as gain_hi,
        n,
        case
            when reason <> '' then 'insufficient_data'
            when gain - gain_away > 0 then 'better'
            else 'not_better'
        end as verdict,
        reason

    from reasoned

)

select * from final
