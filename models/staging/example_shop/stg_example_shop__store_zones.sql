{#  A zone as each of its changes left it. Zones are numbered within their store.  #}

with

source as (

    select * from {{ source('example_shop', 'store_zones') }}

),

final as (

    select
        store_id || '|' || zone_id || '|' || changed_at as source_record_id,
        store_id || '|' || zone_id as source_store_zone_id,
        store_id as source_store_id,
        {{ to_utc('changed_at', 'example_shop') }} as changed_at,
        zone_name,
        floor,
        fixture,
        {{ record_columns() }}

    from source

)

select * from final
