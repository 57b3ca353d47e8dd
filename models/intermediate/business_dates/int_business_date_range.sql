{#  Grain: one row. The first and last day that any fact names.  #}

{% set facts = {
    'fct_contact': ['date_key'],
    'fct_response': ['date_key'],
    'fct_interaction': ['date_key'],
    'fct_case': [
        'date_key', 'assigned_date_key', 'first_answered_date_key',
        'resolved_date_key', 'closed_date_key', 'reopened_date_key',
    ],
    'fct_satisfaction': ['date_key'],
    'fct_lead_funnel': [
        'date_key', 'contacted_date_key', 'qualified_date_key', 'offered_date_key',
        'converted_date_key', 'lost_date_key',
    ],
    'fct_consent_event': ['date_key'],
    'fct_subscription_event': ['date_key'],
    'fct_order_lifecycle': [
        'date_key', 'paid_date_key', 'picked_date_key', 'shipped_date_key',
        'promised_date_key', 'delivered_date_key', 'cancelled_date_key',
        'returned_date_key',
    ],
    'fct_target': ['date_key'],
    'fct_stock_out': ['date_key', 'ended_date_key'],
    'fct_campaign_cost': ['date_key'],
    'fct_visit': ['date_key'],
    'fct_visit_step': ['date_key'],
    'fct_store_traffic': ['date_key'],
    'fct_enquiry': ['date_key'],
} %}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

named as (

    select first_business_date as business_date from as_of

    union all

    select greatest(as_of, last_business_date) as business_date from as_of
    {% for fact, columns in facts.items() %}
    {%- for column in columns %}
    union all

    select unnest([min({{ column }}), max({{ column }})]) as business_date

    from {{ ref(fact) }}

    where {{ column }} not in ({{ unknown_date() }}, {{ open_end_date() }})
    {% endfor %}
    {%- endfor %}
),

final as (

    select
        min(business_date) as first_business_date,
        max(business_date) as last_business_date

    from named

)

select * from final
