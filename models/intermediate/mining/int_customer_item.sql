{#  Grain: one row a customer and product that the customer bought: when first, and by
    which business day that was known.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

final as (

    select
        known_lines.id_space,
        known_lines.customer_id,
        known_lines.product_id,
        min(known_lines.date_key) as first_date,
        min(greatest(known_lines.date_key, known_lines.recorded_on)) as known_on

    from known_lines

    inner join products
        on known_lines.product_id = products.product_id and products.is_current

    where
        known_lines.line_type = 'sale'
        and known_lines.customer_id is not null
        and products.member_type = 'product'
        and products.is_merchandise

    group by
        known_lines.id_space,
        known_lines.customer_id,
        known_lines.product_id

)

select * from final
