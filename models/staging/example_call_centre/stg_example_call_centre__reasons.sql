with

source as (

    select * from {{ source('example_call_centre', 'reasons') }}

),

final as (

    select
        reason_code || '|' || changed_at as source_record_id,
        reason_code as source_reason_id,
        {{ to_utc('changed_at', 'example_call_centre') }} as changed_at,
        reason_type,
        reason_name,
        {{ record_columns() }}

    from source

)

select * from final
