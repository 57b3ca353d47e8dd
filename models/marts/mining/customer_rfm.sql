{#  Grain: one row a customer, as of the end of the last whole month.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

final as (

    select
        stages.id_space,
        stages.customer_id,
        stages.cutoff_date as as_of,
        stages.currency_code,
        stages.recency_days,
        stages.order_day_count_365 as frequency,
        stages.value_amount_365 as monetary,
        stages.r_score,
        stages.f_score,
        stages.m_score,
        (stages.r_score * 100 + stages.f_score * 10 + stages.m_score)::varchar
            as rfm_cell,
        stages.value_tier,
        stages.lifecycle_stage,
        stages.own_cycle_days,
        stages.overdue_ratio,
        stages.days_to_expected_order,
        stages.definition_version,
        stages.status,
        coalesce(stages.reason, '') as reason,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from stages

    left join verdicts
        on
            stages.id_space = verdicts.id_space
            and verdicts.model = 'rhythm'

    where stages.is_current and stages.is_in_force

)

select * from final
