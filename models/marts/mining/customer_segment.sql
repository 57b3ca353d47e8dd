{#  Grain: one row a customer, as of the end of the last whole month. Where clusters do
    not come out again, or customers do not keep theirs, the value tier is published.  #}

with

told as (

    select * from {{ ref('int_segment_told') }}

),

final as (

    select
        id_space,
        customer_id,
        cutoff_date as as_of,
        definition_version,
        segment,
        segment_name,
        method,
        cluster,
        cluster_name,
        runner_up,
        distance,
        clarity,
        verdict,
        status,
        reason

    from told

    where is_current

)

select * from final
