{#  Grain: one row a basket, level and item that it holds, of the baskets that rules are
    found or judged by.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

bounds as (

    select
        id_space,
        (min(cutoff_date) - {{ var('affinity_days') }})::date as first_day

    from cutoffs

    where is_observed

    group by id_space

),

lines as (

    select
        known_lines.id_space,
        known_lines.order_key as basket_id,
        known_lines.customer_id,
        known_lines.date_key as day,
        known_lines.recorded_on,
        products.product_id,
        products.current_department || ' / ' || products.current_product_class
            as class_name

    from known_lines

    inner join bounds
        on
            known_lines.id_space = bounds.id_space
            and known_lines.date_key > bounds.first_day

    inner join products
        on known_lines.product_id = products.product_id and products.is_current

    where known_lines.line_type = 'sale' and products.member_type = 'product'

),

final as (

    select distinct
        id_space,
        'product' as level,
        basket_id,
        product_id as item,
        customer_id,
        day,
        recorded_on

    from lines

    union all

    select distinct
        id_space,
        'class' as level,
        basket_id,
        class_name as item,
        customer_id,
        day,
        recorded_on

    from lines

)

select * from final
