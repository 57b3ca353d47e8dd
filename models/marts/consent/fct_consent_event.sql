{#  Grain: one row an expression of will, for one channel and one purpose.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='consent_event_key',
    meta={'as_was': {'customer': 'occurred_at'}},
) }}

with

consent_events as (

    select * from {{ ref('int_consent_events') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

purposes as (

    select * from {{ ref('dim_consent_purpose') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        occurred_at_local::date as date_key

    from consent_events

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as consent_event_key,
        identified.date_key,
        (
            hour(identified.occurred_at_local) * 60
            + minute(identified.occurred_at_local)
        )::smallint as time_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(purposes.consent_purpose_key, {{ special_key('unknown') }})
            as consent_purpose_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        identified.consent_status,
        coalesce(identified.consent_source, 'unknown') as consent_source,
        identified.occurred_at,

        -- measures
        1::integer as event_count,
        (identified.consent_status = 'granted')::integer as granted_count,
        (identified.consent_status = 'withdrawn')::integer as withdrawn_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.occurred_at'
        ) }}

    left join purposes
        on
            identified.purpose_code = purposes.purpose_code
            and identified.legal_basis = purposes.legal_basis

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
