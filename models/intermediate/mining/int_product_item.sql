{#  Grain: one row a product and level: what it counts as there. Codes stand for items
    where much is counted.  #}

with

products as (

    select * from {{ ref('dim_product') }}

),

described as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        product_id,
        product_name,
        unnest(['product', 'class', 'brand']) as level,
        unnest([
            product_id,
            case
                when current_product_class not in ('Not given', 'Unknown')
                    then current_department || ' / ' || current_product_class
            end,
            case
                when current_brand not in ('Not given', 'Unknown') then current_brand
            end
        ]) as item

    from products

    where is_current and member_type = 'product'

),

final as (

    select
        product_id,
        level,
        (dense_rank() over (order by id_space, level, item))::integer as item_code,
        id_space,
        item,
        coalesce(case when level = 'product' then product_name end, item)
            as item_name

    from described

    where item is not null

)

select * from final
