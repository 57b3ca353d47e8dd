{#  Grain: one row a customer, as of the end of the last whole month. Where the model
    did not beat the naive baseline at past cut-offs, the baseline is published.  #}

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
        observations.cutoff_date as as_of,
        observations.currency_code,
        observations.value_basis,
        observations.value_amount as historic_value,
        {% for column in [
            'p_alive', 'expected_order_days', 'expected_value', 'model_value_365',
            'model_value_365_lo', 'model_value_365_hi',
        ] -%}
        {{ finite('customer_values.' ~ column) }} as {{ column }},
        {% endfor -%}
        customer_values.baseline_value_365 as baseline_clv,
        customer_values.status,
        customer_values.reason,
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

    where observations.is_current

),

decided as (

    select
        *,
        case
            when currency_code = 'mixed' then 'none'
            when verdict = 'better' and model_value_365 is not null then 'model'
            else 'baseline'
        end as method

    from judged

),

valued as (

    select
        *,
        case method
            when 'model' then model_value_365
            when 'baseline' then baseline_clv
        end as clv

    from decided

),

final as (

    select
        id_space,
        customer_id,
        as_of,
        currency_code,
        value_basis,
        p_alive,
        expected_order_days,
        expected_value,
        model_value_365 as model_clv,
        baseline_clv,
        clv,
        case when method = 'model' then model_value_365_lo end as clv_lo,
        case when method = 'model' then model_value_365_hi end as clv_hi,
        case
            when clv is null then null
            when
                clv > quantile_cont(clv, 0.8) over (
                    partition by id_space, currency_code
                )
                then 'high'
            when
                clv > quantile_cont(clv, 0.5) over (
                    partition by id_space, currency_code
                )
                then 'medium'
            else 'low'
        end as clv_tier,
        historic_value,
        method,
        verdict,
        status,
        coalesce(reason, '') as reason

    from valued

)

select * from final
