with

source as (

    select * from {{ source('example_crm', 'employees') }}

),

final as (

    select
        employee_id || '|' || changed_at as source_record_id,
        employee_id as source_employee_id,
        {{ to_utc('changed_at', 'example_crm') }} as changed_at,
        role as employee_role,
        team,
        unit,
        store_id as source_store_id,
        hired_on,
        left_on,
        {{ record_columns() }}

    from source

)

select * from final
