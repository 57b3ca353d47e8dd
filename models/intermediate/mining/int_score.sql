{#  Grain: one row a customer, model and cut-off: what the model says, what the baseline
    says, and what came.  #}

with

observations as (

    select * from {{ ref('obs_customer') }}

),

customer_values as (

    select * from {{ ref('py_customer_value') }}

),

stages as (

    select * from {{ ref('int_customer_stage') }}

),

scored_values as (

    select
        'clv' as model,
        true as is_amount,
        observations.currency_code as part,
        observations.*,
        {{ finite('customer_values.model_value') }} as score,
        customer_values.baseline_value as baseline_score,
        observations.label_value_amount::double as actual

    from observations

    inner join customer_values
        on
            observations.customer_id = customer_values.customer_id
            and observations.cutoff_date = customer_values.cutoff_date

    where observations.currency_code <> 'mixed'

),

scored_rhythms as (

    select
        'rhythm' as model,
        false as is_amount,
        'all' as part,
        observations.*,
        -stages.overdue_ratio as score,
        -observations.recency_days::double as baseline_score,
        case
            when observations.is_mature
                then (observations.label_order_day_count > 0)::integer
        end::double as actual

    from observations

    inner join stages
        on
            observations.customer_id = stages.customer_id
            and observations.cutoff_date = stages.cutoff_date

    where stages.is_in_force

),

told as (

    select * from scored_values

    union all by name

    select * from scored_rhythms

),

final as (

    select
        model,
        id_space,
        part,
        customer_id,
        cutoff_date,
        is_current,
        is_mature,
        label_from,
        label_to,
        is_amount,
        score,
        baseline_score,
        actual

    from told

)

select * from final
