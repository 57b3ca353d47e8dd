{#  Grain: one row an id space, level and item that baskets hold: a product, a class, a
    brand. Codes stand for them where much is counted.  #}

with

products as (

    select * from {{ ref('dim_product') }}

),

described as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        product_id,
        case
            when current_product_class not in ('Not given', 'Unknown')
                then current_department || ' / ' || current_product_class
        end as class_name,
        case
            when current_brand not in ('Not given', 'Unknown') then current_brand
        end as brand_name

    from products

    where is_current and member_type = 'product'

),

items as (

    {% for level, item in [
        ('product', 'product_id'), ('class', 'class_name'), ('brand', 'brand_name'),
    ] -%}
    select distinct
        id_space,
        '{{ level }}' as level,
        {{ item }} as item

    from described

    where {{ item }} is not null
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

final as (

    select
        (row_number() over (order by id_space, level, item))::integer as item_code,
        id_space,
        level,
        item

    from items

)

select * from final
