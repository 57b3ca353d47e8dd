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
        case when isfinite(value::double) then value::double end
            as value,
        case when isfinite(lo::double) then lo::double end
            as lo,
        case when isfinite(hi::double) then hi::double end
            as hi,
        case when isfinite(baseline_value::double) then baseline_value::double end
            as baseline_value,
        case when isfinite(gain::double) then gain::double end
            as gain,
        case when isfinite(gain_lo::double) then gain_lo::double end
            as gain_lo,
        case when isfinite(gain_hi::double) then gain_hi::double end
            as gain_hi,
        n::bigint as n,
        verdict::varchar as verdict,
        coalesce(reason, '')::varchar as reason

    from told

)

select * from final
