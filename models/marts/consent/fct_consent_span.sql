{#  Grain: one row a customer, channel, purpose and period in which neither the status
    nor its legal basis changed, [valid_from, valid_to) in UTC.

    A grant that repeats a grant prolongs it. Of two words at one moment a withdrawal
    counts. Before the first word there is no row: then the default of the purpose
    holds. A span is made of the words of one customer only.  #}

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

words as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id

    from consent_events

    qualify
        row_number() over (
            partition by
                id_space,
                source_customer_id,
                channel_code,
                purpose_code,
                occurred_at
            order by consent_status = 'withdrawn' desc, source_record_id desc
        ) = 1

),

compared as (

    select
        *,
        lag(row(consent_status, legal_basis)) over life as previous_state,
        row_number() over life as word_number

    from words

    window life as (
        partition by named_customer_id, channel_code, purpose_code
        order by occurred_at
    )

),

changes as (

    select *

    from compared

    where
        word_number = 1
        or row(consent_status, legal_basis) is distinct from previous_state

),

spans as (

    select
        *,
        lead(occurred_at, 1, timestamp '9999-12-31') over life as valid_to,
        lead(occurred_at_local::date, 1, {{ open_end_date() }}) over life
            as valid_to_date_key,
        lead(loaded_at) over life as ended_loaded_at,
        lead(batch_id) over life as ended_batch_id

    from changes

    window life as (
        partition by named_customer_id, channel_code, purpose_code
        order by occurred_at
    )

),

final as (

    select
        -- keys
        {{ surrogate_key([
            'spans.named_customer_id',
            'spans.channel_code',
            'spans.purpose_code',
            'spans.occurred_at',
        ]) }} as consent_span_key,
        spans.occurred_at_local::date as date_key,
        spans.valid_to_date_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(purposes.consent_purpose_key, {{ special_key('unknown') }})
            as consent_purpose_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        spans.purpose_code,
        spans.consent_status,
        spans.consent_status = 'granted' as is_granted,
        spans.occurred_at as valid_from,
        spans.valid_to,
        spans.valid_to = timestamp '9999-12-31' as is_current,

        -- measures
        1::integer as span_count,

        -- lineage
        spans.source_system,
        spans.source_record_id,
        greatest(spans.loaded_at, coalesce(spans.ended_loaded_at, spans.loaded_at))
            as loaded_at,
        case
            when spans.ended_loaded_at > spans.loaded_at then spans.ended_batch_id
            else spans.batch_id
        end as batch_id

    from spans

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='spans.named_customer_id', at='spans.occurred_at'
        ) }}

    left join purposes
        on
            spans.purpose_code = purposes.purpose_code
            and spans.legal_basis = purposes.legal_basis

    left join channels
        on spans.channel_code = channels.channel_code

    order by date_key

)

select * from final
