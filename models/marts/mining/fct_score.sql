{#  Grain: one row a customer, model and cut-off. The outcome is filled in when the
    horizon is over.  #}

with

values_and_rhythms as (

    select * from {{ ref('int_score') }}

),

churns as (

    select * from {{ ref('int_churn_score') }}

),

scores as (

    select
        model,
        id_space,
        part,
        customer_id,
        cutoff_date,
        label_from,
        label_to,
        score,
        baseline_score,
        actual

    from values_and_rhythms

    union all by name

    select
        model,
        id_space,
        'all' as part,
        customer_id,
        cutoff_date,
        label_from,
        label_to,
        p_model as score,
        p_baseline as baseline_score,
        label_churned::double as actual

    from churns

    where p_baseline is not null

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

decided as (

    select
        scores.*,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(verdicts.verdict, '') <> 'better' or scores.score is null
            as is_fallback

    from scores

    left join verdicts
        on
            scores.model = verdicts.model
            and scores.id_space = verdicts.id_space
            and scores.part = verdicts.part

),

published as (

    select
        *,
        case when is_fallback then baseline_score else score end as published_score

    from decided

),

final as (

    select
        {{ surrogate_key(['model', 'customer_id', 'cutoff_date']) }} as score_key,
        cutoff_date as date_key,
        model,
        id_space,
        part,
        customer_id,
        label_from,
        label_to,
        score,
        baseline_score,
        published_score,
        is_fallback,
        (
            (rank() over grouped - 1) * 10 // count(*) over (
                partition by model, id_space, part, cutoff_date
            ) + 1
        )::integer as band,
        actual is not null as is_mature,
        actual,
        verdict

    from published

    window
        grouped as (
            partition by model, id_space, part, cutoff_date
            order by published_score desc
        )

)

select * from final
