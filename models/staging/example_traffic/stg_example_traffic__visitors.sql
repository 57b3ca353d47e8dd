{#  A visitor as each of its changes left it; the one changed last counts.  #}

with

source as (

    select * from {{ source('example_traffic', 'visitors') }}

),

final as (

    select
        visitor_id || '|' || changed_at as source_record_id,
        visitor_id as source_visitor_id,
        {{ to_utc('changed_at', 'example_traffic') }} as changed_at,
        party_id as source_customer_id,
        device_class,
        entry_source,
        visitor_type,
        has_consented,
        {{ to_utc('first_seen_at', 'example_traffic') }} as first_seen_at,
        {{ to_utc('became_known_at', 'example_traffic') }} as became_known_at,
        {{ record_columns() }}

    from source

)

select * from final
