{#  A store as each of its changes left it.  #}

with

source as (

    select * from {{ source('example_shop', 'stores') }}

),

final as (

    select
        store_id || '|' || changed_at as source_record_id,
        store_id as source_store_id,
        {{ to_utc('changed_at', 'example_shop') }} as changed_at,
        store_name,
        city,
        country,
        region,
        district,
        format as store_format,
        size_band,
        opened_on,
        closed_on,
        {{ record_columns() }}

    from source

)

select * from final
