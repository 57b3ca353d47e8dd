{#  A stay is known by household, party and first day, so that its end is a change
    of the same record.  #}

with

source as (

    select * from {{ source('example_crm', 'household_members') }}

),

final as (

    select
        household_id || '|' || party_id || '|' || valid_from as source_record_id,
        household_id as source_household_id,
        party_id as source_customer_id,
        role as household_role,
        valid_from,
        valid_to,
        {{ to_utc('changed_at', 'example_crm') }} as changed_at,
        {{ record_columns() }}

    from source

)

select * from final
