{#  Grain: one row a model, id space and part that was judged. A model is better if it
    was at the newest past cut-off, beyond doubt, and at no other worse than the
    baseline.  #}

{{ config(materialized='view') }}

with

evaluations as (

    select * from {{ ref('model_evaluation') }}

),

final as (

    select
        model,
        id_space,
        part,
        case
            when count(*) filter (verdict <> 'insufficient_data') = 0
                then 'insufficient_data'
            when
                bool_and(gain >= 0) filter (verdict <> 'insufficient_data')
                and (arg_max(verdict, cutoff_date) filter (
                    verdict <> 'insufficient_data'
                )) = 'better'
                then 'better'
            else 'not_better'
        end as verdict,
        arg_max(reason, cutoff_date) as reason,
        count(*) filter (verdict <> 'insufficient_data') as cutoffs_judged

    from evaluations

    where is_primary

    group by
        model,
        id_space,
        part

)

select * from final
