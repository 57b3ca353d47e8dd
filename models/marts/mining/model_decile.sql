{#  Grain: one row a model, id space, part, cut-off and tenth of the score.  #}

with

model_deciles as (

    select * from {{ ref('py_model_decile') }}

),

churn_deciles as (

    select * from {{ ref('py_churn_decile') }}

),

told as (

    select * from model_deciles

    union all by name

    select * from churn_deciles

),

final as (

    select
        model::varchar as model,
        id_space::varchar as id_space,
        part::varchar as part,
        cutoff_date::date as cutoff_date,
        decile::integer as decile,
        n::bigint as n,
        {{ finite('predicted') }} as predicted,
        {{ finite('observed') }} as observed,
        {{ finite('captured') }} as captured,
        {{ finite('lift') }} as lift

    from told

)

select * from final
