{#  Grain: one row a customer, as of the end of the last whole month. Where clusters do
    not come out again, or customers do not keep theirs, the value tier is published.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

placed as (

    select * from {{ ref('py_customer_segment') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

-- a table without rows does not know its types
current_segments as (

    select
        customer_id::varchar as customer_id,
        segment::varchar as segment,
        segment_name::varchar as segment_name,
        runner_up::varchar as runner_up,
        {% for column in ['distance', 'clarity'] -%}
        {{ finite(column) }} as {{ column }},
        {% endfor -%}
        status::varchar as status,
        reason::varchar as reason

    from placed

    where is_current

),

decided as (

    select
        stages.id_space,
        stages.customer_id,
        stages.cutoff_date,
        stages.definition_version,
        stages.value_tier,
        current_segments.segment,
        current_segments.segment_name,
        current_segments.runner_up,
        current_segments.distance,
        current_segments.clarity,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(current_segments.status, 'insufficient_data') as status,
        coalesce(current_segments.reason, 'bought nothing in the year') as reason,
        case
            when verdicts.verdict = 'better' and current_segments.segment is not null
                then 'model'
            when stages.value_tier is not null then 'baseline'
            else 'none'
        end as method

    from stages

    left join current_segments
        on stages.customer_id = current_segments.customer_id

    left join verdicts
        on stages.id_space = verdicts.id_space and verdicts.model = 'segment'

    where stages.is_current and stages.is_in_force

),

final as (

    select
        id_space,
        customer_id,
        cutoff_date as as_of,
        definition_version,
        case method when 'model' then segment when 'baseline' then value_tier end
            as segment,
        case method
            when 'model' then segment_name
            when 'baseline' then value_tier || ' value'
        end as segment_name,
        method,
        segment as cluster,
        segment_name as cluster_name,
        runner_up,
        distance,
        clarity,
        verdict,
        status,
        reason

    from decided

)

select * from final
