{#  Grain: one row an id space, cut-off, type of visitor and product: what share of the
    orders of such visitors hold it, drawn to all as if `next_product_prior` orders more
    were like all. Rank by type, and by all orders, which is the baseline.  #}

with

baskets as (

    select * from {{ ref('int_visitor_basket') }}

),

bought as (

    select * from baskets

    where not is_label

),

orders as (

    select
        id_space,
        cutoff_date,
        is_current,
        visitor_type,
        count(distinct order_key) as orders,
        sum(count(distinct order_key)) over (partition by id_space, cutoff_date)
            as all_orders

    from bought

    group by
        id_space,
        cutoff_date,
        is_current,
        visitor_type

),

items as (

    select
        id_space,
        cutoff_date,
        item_number,
        count(*) as all_held

    from bought

    group by
        id_space,
        cutoff_date,
        item_number

),

held as (

    select
        id_space,
        cutoff_date,
        visitor_type,
        item_number,
        count(*) as held

    from bought

    group by
        id_space,
        cutoff_date,
        visitor_type,
        item_number

),

shares as (

    select
        orders.id_space,
        orders.cutoff_date,
        orders.is_current,
        orders.visitor_type,
        orders.orders,
        items.item_number,
        coalesce(held.held, 0) as held,
        items.all_held / orders.all_orders as all_share,
        (
            coalesce(held.held, 0)
            + {{ var('next_product_prior') }} * items.all_held / orders.all_orders
        ) / (orders.orders + {{ var('next_product_prior') }}) as share

    from orders

    inner join items
        on
            orders.id_space = items.id_space
            and orders.cutoff_date = items.cutoff_date

    left join held
        on
            orders.id_space = held.id_space
            and orders.cutoff_date = held.cutoff_date
            and orders.visitor_type = held.visitor_type
            and items.item_number = held.item_number

),

ranked as (

    select
        *,
        row_number() over (
            partition by id_space, cutoff_date, visitor_type
            order by share desc, item_number asc
        ) as type_rank,
        row_number() over (
            partition by id_space, cutoff_date, visitor_type
            order by all_share desc, item_number asc
        ) as all_rank

    from shares

),

final as (

    select
        id_space,
        cutoff_date,
        is_current,
        visitor_type,
        orders::integer as orders,
        item_number,
        held::integer as held,
        share::double as share,
        all_share::double as all_share,
        type_rank::integer as type_rank,
        all_rank::integer as all_rank

    from ranked

    where
        type_rank <= {{ var('next_product_count') }}
        or all_rank <= {{ var('next_product_count') }}

)

select * from final
