-- From the first word on, a customer has exactly one status on a channel for a purpose,
-- and two spans that follow each other differ.

with

followed as (

    select
        customer_id,
        channel_key,
        purpose_code,
        valid_from,
        valid_to,
        consent_status,
        consent_purpose_key,
        lead(valid_from) over life as next_from,
        lead(consent_status) over life as next_status,
        lead(consent_purpose_key) over life as next_purpose_key

    from {{ ref('fct_consent_span') }}

    where customer_key not between -4 and -1

    window life as (
        partition by customer_id, channel_key, purpose_code order by valid_from
    )

)

select * from followed

where
    valid_to <> coalesce(next_from, timestamp '9999-12-31')
    or (consent_status, consent_purpose_key) = (next_status, next_purpose_key)
