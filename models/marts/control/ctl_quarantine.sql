{#  Grain: one row a delivered row that broke its contract.  #}

with

quarantine as (

    select * from {{ source('landing', 'quarantine') }}

),

final as (

    select
        system as source_system,
        table_name,
        _batch_id as batch_id,
        _source_file as source_file,
        _row_number as row_number,
        reason_code,
        column_name,
        reason,
        row_json,
        _loaded_at as loaded_at

    from quarantine

)

select * from final
