{#  Grain: one row a product and level: what it counts as there.  #}

{{ config(materialized='view') }}

with

items as (

    select * from {{ ref('int_item') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

described as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        product_id,
        unnest(['product', 'class', 'brand']) as level,
        unnest([
            product_id,
            current_department || ' / ' || current_product_class,
            current_brand
        ]) as item

    from products

    where is_current and member_type = 'product'

),

final as (

    select
        described.product_id,
        described.level,
        items.item_code

    from described

    inner join items
        on
            described.id_space = items.id_space
            and described.level = items.level
            and described.item = items.item

)

select * from final
