{#  Grain: one row a model, id space, part, cut-off and metric.  #}

with

model_evaluations as (

    select * from {{ ref('py_model_evaluation') }}

),

churn_evaluations as (

    select * from {{ ref('py_churn_evaluation') }}

),

forecasts as (

    select * from {{ ref('py_sales_forecast') }}

),

product_evaluations as (

    select * from {{ ref('py_next_product_evaluation') }}

),

visitor_evaluations as (

    select * from {{ ref('int_visitor_evaluation') }}

),

told as (

    select * from model_evaluations

    union all by name

    select * from churn_evaluations

    union all by name

    select * from product_evaluations

    union all by name

    select * from visitor_evaluations

    union all by name

    select
        model,
        id_space,
        part,
        cutoff_date,
        metric,
        is_primary,
        value,
        lo,
        hi,
        baseline_value,
        gain,
        gain_lo,
        gain_hi,
        n,
        verdict,
        reason

    from forecasts

    where kind = 'evaluation'

),

final as (

    select
        model::varchar as model,
        id_space::varchar as id_space,
        part::varchar as part,
        cutoff_date::date as cutoff_date,
        metric::varchar as metric,
        is_primary::boolean as is_primary,
        {{ finite('value') }} as value,
        {{ finite('lo') }} as lo,
        {{ finite('hi') }} as hi,
        {{ finite('baseline_value') }} as baseline_value,
        {{ finite('gain') }} as gain,
        {{ finite('gain_lo') }} as gain_lo,
        {{ finite('gain_hi') }} as gain_hi,
        n::bigint as n,
        verdict::varchar as verdict,
        coalesce(reason, '')::varchar as reason

    from told

)

select * from final
