{#  Grain: one row a customer and cut-off that is observed: the value of the 365 days
    after it, by what was known at it. Where the model did not beat the naive baseline at past
    cut-offs, the baseline is published, at all cut-offs alike: a tier then differs
    because the customer does.  #}

with

observations as (

    select * from {{ ref('obs_customer') }}

),

customer_values as (

    select * from {{ ref('py_customer_value') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

judged as (

    select
        observations.id_space,
        observations.customer_id,
        observations.cutoff_date,
        observations.is_current,
        observations.currency_code,
        {{ finite('customer_values.model_value_365') }} as model_clv,
        customer_values.baseline_value_365 as baseline_clv,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from observations

    inner join customer_values
        on
            observations.customer_id = customer_values.customer_id
            and observations.cutoff_date = customer_values.cutoff_date

    left join verdicts
        on
            observations.id_space = verdicts.id_space
            and observations.currency_code = verdicts.part
            and verdicts.model = 'clv'

),

decided as (

    select
        *,
        case
            when currency_code = 'mixed' then 'none'
            when verdict = 'better' and model_clv is not null then 'model'
            else 'baseline'
        end as method

    from judged

),

valued as (

    select
        *,
        case method when 'model' then model_clv when 'baseline' then baseline_clv end
            as clv

    from decided

),

limits as (

    select
        id_space,
        currency_code,
        cutoff_date,
        quantile_cont(clv, [0.5, 0.8]) as tier_limits

    from valued

    group by id_space, currency_code, cutoff_date

),

final as (

    select
        valued.id_space,
        valued.customer_id,
        valued.cutoff_date,
        valued.is_current,
        valued.currency_code,
        valued.clv,
        case
            when valued.clv is null then null
            when valued.clv > limits.tier_limits[2] then 'high'
            when valued.clv > limits.tier_limits[1] then 'medium'
            else 'low'
        end as clv_tier,
        valued.method,
        valued.verdict

    from valued

    inner join limits
        on
            valued.id_space = limits.id_space
            and valued.currency_code = limits.currency_code
            and valued.cutoff_date = limits.cutoff_date

)

select * from final
