{#  Grain: one row an id space, level and item that baskets hold: a product, a class, a
    brand.  #}

with

product_items as (

    select * from {{ ref('int_product_item') }}

),

final as (

    select distinct
        item_code,
        id_space,
        level,
        item,
        item_name

    from product_items

)

select * from final
