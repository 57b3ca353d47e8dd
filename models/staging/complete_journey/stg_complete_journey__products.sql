{#  The catalogue, one row a product and delivery.  #}

with

source as (

    select * from {{ source('complete_journey', 'products') }}

),

final as (

    select
        product_id || '|' || _extracted_at as source_record_id,
        product_id::varchar as source_product_id,
        _extracted_at as changed_at,
        product_type as product_name,
        department,
        product_category as product_class,
        product_type as product_subclass,
        'Manufacturer ' || manufacturer_id as manufacturer,
        brand || ' ' || manufacturer_id as brand,
        brand as brand_type,
        package_size,
        case
            when product_type like 'GASOLINE%' then 'fuel_unit'
            else 'piece'
        end as unit_of_measure,
        department not in ('COUPON', 'POSTAL CENTER', 'CHARITABLE CONT')
            as is_merchandise,
        {{ record_columns() }}

    from source

)

select * from final
