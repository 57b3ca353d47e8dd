{#  Grain: one row an id space, currency, series and day to come. Series are the total,
    each segment, category and region, and each part that is one of all three; parts add
    up to all of them on every day.  #}

with

forecasts as (

    select * from {{ ref('py_sales_forecast') }}

),

final as (

    select
        id_space::varchar as id_space,
        currency_code::varchar as currency_code,
        as_of::date as as_of,
        level::varchar as series_level,
        {% for column in ['segment', 'category', 'region'] -%}
        {{ column }}::varchar as {{ column }},
        {% endfor -%}
        forecast_date::date as forecast_date,
        {% for column, name in [
            ('expected', 'expected_amount'),
            ('lo', 'amount_lo'),
            ('hi', 'amount_hi'),
            ('mean_of_same', 'mean_of_same_weekdays_amount'),
            ('seasonal_naive', 'last_week_amount'),
        ] -%}
        {{ finite(column) }} as {{ name }},
        {% endfor -%}
        method::varchar as method,
        verdict::varchar as verdict,
        status::varchar as status,
        coalesce(reason, '')::varchar as reason

    from forecasts

    where kind = 'forecast'

)

select * from final
