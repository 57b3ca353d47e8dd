{#  Grain: one row a sensor, and so a zone of a store, and quarter of an hour of the
    business clock. A quarter that was not counted has no row, which is not nought.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='store_traffic_key',
    meta={'as_was': {'store': 'interval_start', 'store_zone': 'interval_start'}},
) }}

with

store_counts as (

    select * from {{ ref('int_store_counts') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

store_zones as (

    select * from {{ ref('dim_store_zone') }}

),

identified as (

    select
        *,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_store_zone_id') }} as named_store_zone_id,
        interval_start_local::date as date_key

    from store_counts

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as store_traffic_key,
        identified.date_key,
        (
            hour(identified.interval_start_local) * 60
            + minute(identified.interval_start_local)
        )::smallint as time_key,
        coalesce(stores.store_key, {{ special_key('unknown') }}) as store_key,
        coalesce(stores.store_id, 'unknown') as store_id,
        coalesce(store_zones.store_zone_key, {{ special_key('unknown') }})
            as store_zone_key,
        coalesce(store_zones.store_zone_id, 'unknown') as store_zone_id,

        -- degenerate dimensions
        {{ durable_id('identified.source_sensor_id', 'identified.id_space') }}
            as sensor_id,
        identified.interval_start,

        -- measures
        1::integer as interval_count,
        identified.entry_count,
        identified.exit_count,
        identified.passer_by_count,
        identified.dwell_seconds,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.interval_start'
        ) }}

    left join store_zones
        on {{ as_was(
            'store_zones', 'store_zone_id', of='identified.named_store_zone_id', at='identified.interval_start'
        ) }}

    order by identified.date_key, identified.source_system

)

select * from final
