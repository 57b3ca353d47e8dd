{#  Grain: one row a customer who was in a segment at the newest past cut-off: where
    they are now, and what they did since.  #}

{{ config(materialized='view') }}

with

placed as (

    select * from {{ ref('py_customer_segment') }}

),

observations as (

    select * from {{ ref('obs_customer') }}

),

final as (

    select
        earlier.id_space,
        earlier.definition_version,
        earlier.cutoff_date,
        earlier.segment as segment_before,
        later.segment as segment_now,
        observations.label_order_day_count::double as actual

    from placed as earlier

    left join placed as later
        on earlier.customer_id = later.customer_id and later.is_current

    left join observations
        on
            earlier.customer_id = observations.customer_id
            and earlier.cutoff_date = observations.cutoff_date

    where earlier.is_judged

)

select * from final
