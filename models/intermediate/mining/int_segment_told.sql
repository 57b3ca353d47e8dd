{#  Grain: one row a customer and month's end at which segments are told. Where clusters
    come out again and customers keep theirs, those are the current one, the newest past
    cut-off and those that clusters are drawn at, each by the version that held then;
    else the value tier is published, of every month's end.  #}

{{ config(materialized='view') }}

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
clusters as (

    select
        id_space::varchar as id_space,
        customer_id::varchar as customer_id,
        cutoff_date::date as cutoff_date,
        segment::varchar as segment,
        segment_name::varchar as segment_name,
        runner_up::varchar as runner_up,
        {% for column in ['distance', 'clarity'] -%}
        {{ finite(column) }} as {{ column }},
        {% endfor -%}
        status::varchar as status,
        reason::varchar as reason

    from placed

    where is_in_force

),

placed_at as (

    select distinct
        id_space,
        cutoff_date

    from clusters

),

decided as (

    select
        stages.id_space,
        stages.customer_id,
        stages.cutoff_date,
        stages.is_current,
        stages.definition_version,
        stages.value_tier,
        clusters.segment,
        clusters.segment_name,
        clusters.runner_up,
        clusters.distance,
        clusters.clarity,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(clusters.status, 'insufficient_data') as status,
        coalesce(clusters.reason, 'bought nothing in the year') as reason,
        case
            -- an earlier version may have found nothing that comes out again
            when verdicts.verdict = 'better' and clusters.status = 'ok'
                then 'model'
            when stages.value_tier is not null then 'baseline'
            else 'none'
        end as method

    from stages

    left join clusters
        on
            stages.customer_id = clusters.customer_id
            and stages.cutoff_date = clusters.cutoff_date

    left join placed_at
        on
            stages.id_space = placed_at.id_space
            and stages.cutoff_date = placed_at.cutoff_date

    left join verdicts
        on stages.id_space = verdicts.id_space and verdicts.model = 'segment'

    where
        stages.is_in_force
        and (
            stages.is_current
            or verdicts.verdict is distinct from 'better'
            or placed_at.cutoff_date is not null
        )

),

final as (

    select
        id_space,
        customer_id,
        cutoff_date,
        is_current,
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
