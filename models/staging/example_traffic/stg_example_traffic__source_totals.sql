{#  What visits, counters and enquiries add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='example_traffic',
        table='visits',
        fact='fct_visit',
        business_date='('
            ~ business_time('started_at', 'example_traffic') ~ ')::date',
        measures={'visits': '1'},
        key=['visit_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_traffic',
        table='visit_steps',
        fact='fct_visit_step',
        business_date='(' ~ business_time('step_at', 'example_traffic') ~ ')::date',
        measures={'visit steps': '1', 'seconds': 'seconds'},
        key=['visit_id', 'step_number'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_traffic',
        table='store_counts',
        fact='fct_store_traffic',
        business_date='('
            ~ business_time('interval_start', 'example_traffic') ~ ')::date',
        measures={
            'store counts': '1',
            'entries': 'entries',
            'exits': 'exits',
        },
        key=['sensor_id', 'interval_start'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_traffic',
        table='enquiries',
        fact='fct_enquiry',
        business_date='(' ~ business_time('asked_at', 'example_traffic') ~ ')::date',
        measures={'enquiries': '1'},
        key=['enquiry_id'],
    ) }}

)

select * from final
