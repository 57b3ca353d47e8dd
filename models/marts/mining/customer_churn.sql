{#  Grain: one row a customer and kind of churn, as of the end of the last whole month:
    silent for every customer who ever ordered, contract for those who subscribe. Where
    the model did not beat the rule at past cut-offs, the rule is published.  #}

with

banded as (

    select * from {{ ref('int_churn_band') }}

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
        banded.cutoff_date as as_of,
        banded.currency_code,
        banded.days_silent,
        stages.lifecycle_stage,
        stages.lifecycle_stage in ('lapsed', 'former') as is_silent_by_rhythm,
        dated.own_cycle_days,
        banded.days_silent / dated.own_cycle_days as overdue_ratio,
        banded.p_model::double as p_churn_model,
        banded.p_baseline::double as p_churn_baseline,
        banded.p_churn::double as p_churn,
        banded.risk_band,
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
                then banded.cutoff_date + greatest(ceil(dated.due_days)::integer, 1)
        end::date as expected_order_date,
        case
            when banded.churn_type = 'silent' and dated.due_hi < 36500
                then
                    banded.cutoff_date
                    + greatest(
                        floor(least(dated.due_lo, dated.due_days))::integer, 1
                    )
        end::date as order_date_lo,
        case
            when banded.churn_type = 'silent' and dated.due_hi < 36500
                then
                    banded.cutoff_date
                    + greatest(
                        ceil(greatest(dated.due_hi, dated.due_days))::integer, 1
                    )
        end::date as order_date_hi,
        case when banded.churn_type = 'silent' then dated.order_verdict end
            as order_verdict,
        banded.method,
        banded.verdict,
        banded.status,
        banded.reason

    from banded

    left join stages
        on banded.customer_id = stages.customer_id

    left join dated
        on
            banded.customer_id = dated.customer_id
            and banded.cutoff_date = dated.as_of

    where banded.is_current

)

select * from final
