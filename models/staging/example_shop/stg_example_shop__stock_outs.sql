{#  When a product was out of stock in a store; it comes again once it is back.  #}

with

source as (

    select * from {{ source('example_shop', 'stock_outs') }}

),

final as (

    select
        product_id || '|' || store_id || '|' || out_from as source_record_id,
        product_id as source_product_id,
        store_id as source_store_id,
        {{ to_utc('out_from', 'example_shop') }} as out_from,
        {{ business_time('out_from', 'example_shop') }} as out_from_local,
        {{ to_utc('out_to', 'example_shop') }} as out_to,
        {{ business_time('out_to', 'example_shop') }} as out_to_local,
        {{ record_columns() }}

    from source

)

select * from final
