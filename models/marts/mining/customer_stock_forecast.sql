{#  Grain: one row an id space, currency, scheme and state. Where moves did not foretell
    stocks better than no change did, no change is published.  #}

with

forecasts as (

    select * from {{ ref('py_stock_forecast') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

-- a table without rows does not know its types
typed as (

    select
        id_space::varchar as id_space,
        currency_code::varchar as currency_code,
        scheme::varchar as scheme,
        as_of::date as as_of,
        state::varchar as state,
        customers::bigint as customers,
        {% for column in ['expected', 'lo', 'hi'] -%}
        {{ finite(column) }} as {{ column }},
        {% endfor -%}
        status::varchar as status,
        reason::varchar as reason

    from forecasts

),

decided as (

    select
        typed.*,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        case
            when verdicts.verdict = 'better' and typed.expected is not null
                then 'model'
            else 'baseline'
        end as method

    from typed

    left join verdicts
        on
            typed.id_space = verdicts.id_space
            and concat(typed.scheme, ' ', typed.currency_code) = verdicts.part
            and verdicts.model = 'migration'

),

final as (

    select
        id_space,
        currency_code,
        scheme,
        as_of,
        last_day(as_of + interval 3 month) as forecast_for,
        state,
        customers,
        expected as model_customers,
        case when method = 'model' then expected else customers end
            as expected_customers,
        case when method = 'model' then lo end as expected_lo,
        case when method = 'model' then hi end as expected_hi,
        method,
        verdict,
        status,
        coalesce(reason, '') as reason

    from decided

)

select * from final
