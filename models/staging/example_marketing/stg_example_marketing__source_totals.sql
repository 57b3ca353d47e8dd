{#  What assignments, responses and costs add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='example_marketing',
        table='contacts',
        fact='fct_contact',
        business_date="date '1900-01-01'",
        measures={'contacts': '1', 'contact cost': 'cost_amount'},
        key=['contact_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_marketing',
        table='responses',
        fact='fct_response',
        business_date='('
            ~ business_time('responded_at', 'example_marketing') ~ ')::date',
        measures={'responses': '1', 'value amount': 'coalesce(value_amount, 0)'},
        key=['response_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_marketing',
        table='costs',
        fact='fct_campaign_cost',
        business_date='cost_date',
        measures={'costs': '1', 'spend amount': 'spend_amount'},
        key=['cost_id'],
    ) }}

)

select * from final
