{#  Grain: one row an offer and product that it is good for. Joined to a fact it
    repeats the fact's rows: count distinct offers, never sum.  #}

with

offer_products as (

    select * from {{ ref('int_offer_products') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

identified as (

    select
        *,
        {{ durable_id('source_offer_id') }} as named_offer_id,
        {{ durable_id('source_product_id') }} as product_id

    from offer_products

),

final as (

    select
        offers.offer_key,
        offers.offer_id,
        identified.product_id,
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    inner join offers
        on identified.named_offer_id = offers.offer_id

)

select * from final
