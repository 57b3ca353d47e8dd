{#  Grain: one row a customer, kind of churn and cut-off that is scored: silent for
    every customer who had ever ordered, contract for those who subscribed. Where the model did
    not beat the rule at past cut-offs, the rule is published, at all cut-offs alike: a
    band then differs because the customer does.  #}

with

observations as (

    select * from {{ ref('obs_customer') }}

),

cancels as (

    select * from {{ ref('obs_cancel') }}

),

scores as (

    select * from {{ ref('int_churn_score') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

silent as (

    select
        observations.id_space,
        observations.customer_id,
        'silent' as churn_type,
        'churn' as model,
        observations.cutoff_date,
        observations.is_current,
        observations.currency_code,
        observations.recency_days as days_silent,
        case
            when observations.currency_code <> 'mixed'
                then
                    greatest(observations.value_amount_365, 0)
                    * {{ var('mining_horizon_days') }} / 365
        end::double as value_at_stake,
        observations.recency_days >= {{ var('churn_known_days') }} as is_gone

    from observations

),

contract as (

    select
        id_space,
        customer_id,
        'contract' as churn_type,
        'cancel' as model,
        cutoff_date,
        is_current,
        currency_code,
        recency_days as days_silent,
        case
            when currency_code <> 'mixed'
                then mrr_amount * 12 * {{ var('mining_horizon_days') }} / 365
        end::double as value_at_stake,
        false as is_gone

    from cancels

    where is_scored

),

told as (

    select * from silent

    union all

    select * from contract

),

judged as (

    select
        told.*,
        scores.p_model,
        scores.p_baseline,
        scores.reasons,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        case
            when told.is_gone then 'gone'
            when scores.p_baseline is null then 'none'
            when verdicts.verdict = 'better' and scores.p_model is not null
                then 'model'
            else 'baseline'
        end as method,
        case when told.is_gone then 'gone' else scores.status end as status,
        case
            when told.is_gone
                then
                    'no order in the last ' || {{ var('churn_known_days') }} || ' days'
            else scores.reason
        end as reason

    from told

    left join scores
        on
            told.model = scores.model
            and told.customer_id = scores.customer_id
            and told.cutoff_date = scores.cutoff_date

    left join verdicts
        on
            told.id_space = verdicts.id_space
            and told.model = verdicts.model

),

published as (

    select
        *,
        case method when 'model' then p_model when 'baseline' then p_baseline end
            as p_churn

    from judged

),

banded as (

    select
        *,
        case
            when p_churn is not null
                then
                    (
                        rank() over (
                            partition by
                                id_space, churn_type, cutoff_date, p_churn is null
                            order by p_churn desc
                        ) - 1
                    ) * 10 // count(*) over (
                        partition by id_space, churn_type, cutoff_date, p_churn is null
                    )
        end as tenth

    from published

),

final as (

    select
        id_space,
        customer_id,
        churn_type,
        cutoff_date,
        is_current,
        currency_code,
        days_silent,
        value_at_stake,
        p_model,
        p_baseline,
        p_churn,
        case
            when tenth = 0 then 'high'
            when tenth <= 2 then 'medium'
            when tenth is not null then 'low'
        end as risk_band,
        reasons,
        method,
        verdict,
        coalesce(status, 'insufficient_data') as status,
        coalesce(reason, '') as reason

    from banded

)

select * from final
