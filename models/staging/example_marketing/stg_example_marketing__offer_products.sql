{#  One row a product that an offer is good for.  #}

with

source as (

    select * from {{ source('example_marketing', 'offer_products') }}

),

final as (

    select
        offer_id || '|' || product_id as source_record_id,
        offer_id as source_offer_id,
        product_id as source_product_id,
        {{ record_columns() }}

    from source

)

select * from final
