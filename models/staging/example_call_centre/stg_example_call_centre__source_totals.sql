{#  What contacts, cases and answers add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='example_call_centre',
        table='interactions',
        fact='fct_interaction',
        business_date='('
            ~ business_time('started_at', 'example_call_centre') ~ ')::date',
        measures={
            'interactions': '1',
            'wait seconds': 'wait_seconds',
            'handle seconds': 'handle_seconds',
        },
        key=['interaction_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_call_centre',
        table='cases',
        fact='fct_case',
        business_date='('
            ~ business_time('opened_at', 'example_call_centre') ~ ')::date',
        measures={
            'cases': '1',
        },
        key=['case_id'],
        newest_by='changed_at',
    ) }}

    union all

    select * from {{ source_totals(
        system='example_call_centre',
        table='satisfaction',
        fact='fct_satisfaction',
        business_date='('
            ~ business_time('answered_at', 'example_call_centre') ~ ')::date',
        measures={
            'answers': '1',
            'score': 'score',
        },
        key=['answer_id'],
    ) }}

)

select * from final
