{#  One row a sensor and quarter of an hour. Zones are numbered within their store.  #}

with

source as (

    select * from {{ source('example_traffic', 'store_counts') }}

),

final as (

    select
        sensor_id || '|' || interval_start as source_record_id,
        sensor_id as source_sensor_id,
        store_id as source_store_id,
        store_id || '|' || zone_id as source_store_zone_id,
        {{ to_utc('interval_start', 'example_traffic') }} as interval_start,
        {{ business_time('interval_start', 'example_traffic') }}
            as interval_start_local,
        entries as entry_count,
        exits as exit_count,
        passers_by as passer_by_count,
        dwell_seconds,
        {{ record_columns() }}

    from source

)

select * from final
