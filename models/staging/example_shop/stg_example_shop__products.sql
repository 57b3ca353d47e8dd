{#  A product as each of its changes left it.  #}

with

source as (

    select * from {{ source('example_shop', 'products') }}

),

final as (

    select
        product_id || '|' || changed_at as source_record_id,
        product_id as source_product_id,
        {{ to_utc('changed_at', 'example_shop') }} as changed_at,
        product_name,
        department,
        class as product_class,
        subclass as product_subclass,
        manufacturer,
        brand,
        brand_type,
        price_band,
        lifecycle,
        substitute_group,
        standard_cost,
        {{ record_columns() }}

    from source

)

select * from final
