{#  Grain: one row a customer and kind of churn, as of the end of the last whole month:
    silent for every customer who ever ordered, contract for those who subscribe. Where
    the model did not beat the rule at past cut-offs, the rule is published.  #}

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

next_orders as (

    select * from {{ ref('int_next_order') }}

),

stages as (

    select * from {{ ref('customer_rfm') }}

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
        observations.cutoff_date as as_of,
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

    where observations.is_current

),

contract as (

    select
        id_space,
        customer_id,
        'contract' as churn_type,
        'cancel' as model,
        cutoff_date as as_of,
        currency_code,
        recency_days as days_silent,
        case
            when currency_code <> 'mixed'
                then mrr_amount * 12 * {{ var('mining_horizon_days') }} / 365
        end::double as value_at_stake,
        false as is_gone

    from cancels

    where is_current

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
            and told.as_of = scores.cutoff_date

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
                            partition by id_space, churn_type, p_churn is null
                            order by p_churn desc
                        ) - 1
                    ) * 10 // count(*) over (
                        partition by id_space, churn_type, p_churn is null
                    )
        end as tenth

    from published

),

-- the own rhythm tells the date where it was better, else the mean interval
dated as (

    select
        next_orders.customer_id,
        next_orders.cutoff_date as as_of,
        next_orders.own_cycle_days,
        coalesce(verdicts.verdict, 'insufficient_data') as order_verdict,
        case
            when verdicts.verdict = 'better'
                then coalesce(next_orders.due_p50, next_orders.baseline_days)
            else next_orders.baseline_days
        end as due_days,
        next_orders.due_lo,
        next_orders.due_hi

    from next_orders

    left join verdicts
        on
            next_orders.id_space = verdicts.id_space
            and verdicts.model = 'next_order'

    where next_orders.is_current

),

final as (

    select
        banded.id_space,
        banded.customer_id,
        banded.churn_type,
        banded.as_of,
        banded.currency_code,
        banded.days_silent,
        stages.lifecycle_stage,
        stages.lifecycle_stage in ('lapsed', 'former') as is_silent_by_rhythm,
        dated.own_cycle_days,
        banded.days_silent / dated.own_cycle_days as overdue_ratio,
        banded.p_model::double as p_churn_model,
        banded.p_baseline::double as p_churn_baseline,
        banded.p_churn::double as p_churn,
        case
            when banded.tenth = 0 then 'high'
            when banded.tenth <= 2 then 'medium'
            when banded.tenth is not null then 'low'
        end as risk_band,
        (banded.p_churn * banded.value_at_stake)::decimal(18, 2) as expected_loss,
        {% for number in [1, 2, 3] -%}
        case
            when banded.method = 'model' then banded.reasons[{{ number }}]
            {%- if number == 1 %}
            when banded.method = 'baseline' and banded.churn_type = 'silent'
                then 'last order ' || banded.days_silent || ' days ago'
            {%- endif %}
        end as reason_{{ number }},
        {% endfor -%}
        -- a day at the farthest end of the calendar is none
        case
            when banded.churn_type = 'silent' and dated.due_days < 36500
                then banded.as_of + greatest(ceil(dated.due_days)::integer, 1)
        end::date as expected_order_date,
        case
            when banded.churn_type = 'silent' and dated.due_hi < 36500
                then
                    banded.as_of
                    + greatest(
                        floor(least(dated.due_lo, dated.due_days))::integer, 1
                    )
        end::date as order_date_lo,
        case
            when banded.churn_type = 'silent' and dated.due_hi < 36500
                then
                    banded.as_of
                    + greatest(
                        ceil(greatest(dated.due_hi, dated.due_days))::integer, 1
                    )
        end::date as order_date_hi,
        case when banded.churn_type = 'silent' then dated.order_verdict end
            as order_verdict,
        banded.method,
        banded.verdict,
        coalesce(banded.status, 'insufficient_data') as status,
        coalesce(banded.reason, '') as reason

    from banded

    left join stages
        on banded.customer_id = stages.customer_id

    left join dated
        on
            banded.customer_id = dated.customer_id
            and banded.as_of = dated.as_of

)

select * from final
