{#  A medium is the channel in which the company would use it: the telephone is an
    outbound call, the post a letter.  #}

with

source as (

    select * from {{ source('example_crm', 'consents') }}

),

final as (

    select
        consent_event_id as source_record_id,
        party_id as source_customer_id,
        case channel
            when 'phone' then 'call_outbound'
            when 'post' then 'direct_mail'
            else channel
        end as channel_code,
        purpose as purpose_code,
        legal_basis,
        status as consent_status,
        source as consent_source,
        {{ to_utc('occurred_at', 'example_crm') }} as occurred_at,
        {{ business_time('occurred_at', 'example_crm') }} as occurred_at_local,
        {{ record_columns() }}

    from source

)

select * from final
