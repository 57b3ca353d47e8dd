{#  Grain: one row a time that a product was out of stock in a store. One that has not
    ended has the date key 9999-12-31 for its end and no hours.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='stock_out_key',
    meta={'as_was': {'product': 'out_from', 'store': 'out_from'}},
) }}

with

stock_outs as (

    select * from {{ ref('int_stock_outs') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

identified as (

    select
        *,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        out_from_local::date as date_key

    from stock_outs

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as stock_out_key,
        identified.date_key,
        (
            hour(identified.out_from_local) * 60
            + minute(identified.out_from_local)
        )::smallint as time_key,
        coalesce(identified.out_to_local::date, {{ open_end_date() }})
            as ended_date_key,
        coalesce(products.product_key, {{ special_key('unknown') }}) as product_key,
        coalesce(products.product_id, 'unknown') as product_id,
        coalesce(stores.store_key, {{ special_key('unknown') }}) as store_key,
        coalesce(stores.store_id, 'unknown') as store_id,

        -- degenerate dimensions
        identified.out_from,
        identified.out_to,

        -- measures
        1::integer as stock_out_count,
        (identified.out_to is null)::integer as open_count,
        (
            datediff('second', identified.out_from, identified.out_to) / 3600.0
        )::decimal(18, 4) as hours_out,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.out_from'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.out_from'
        ) }}

    order by identified.date_key, identified.source_system

)

select * from final
