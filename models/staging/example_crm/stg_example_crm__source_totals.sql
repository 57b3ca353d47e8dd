{#  What consents, leads and subscriptions add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='example_crm',
        table='consents',
        fact='fct_consent_event',
        business_date='('
            ~ business_time('occurred_at', 'example_crm') ~ ')::date',
        measures={
            'consent events': '1',
        },
        key=['consent_event_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_crm',
        table='leads',
        fact='fct_lead_funnel',
        business_date='('
            ~ business_time('created_at', 'example_crm') ~ ')::date',
        measures={
            'leads': '1',
        },
        key=['lead_id'],
        newest_by='changed_at',
    ) }}

    union all

    select * from {{ source_totals(
        system='example_crm',
        table='subscription_events',
        fact='fct_subscription_event',
        business_date='('
            ~ business_time('occurred_at', 'example_crm') ~ ')::date',
        measures={
            'subscription events': '1',
            'mrr amount': 'mrr_amount',
        },
        key=['event_id'],
    ) }}

)

select * from final
