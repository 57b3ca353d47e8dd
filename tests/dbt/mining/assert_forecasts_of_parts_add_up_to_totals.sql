-- What is forecast of parts adds up to every segment, category, region and the total,
-- on each day, to less than a cent.

with

forecasts as (

    select * from {{ ref('sales_forecast') }}

),

added as (

    select
        series.id_space,
        series.currency_code,
        series.series_level,
        series.segment,
        series.category,
        series.region,
        series.forecast_date,
        any_value(series.expected_amount) as expected_amount,
        sum(parts.expected_amount) as parts_amount

    from forecasts as series

    inner join forecasts as parts
        on
            series.id_space = parts.id_space
            and series.currency_code = parts.currency_code
            and series.forecast_date = parts.forecast_date
            and (
                series.segment = parts.segment
                or series.series_level not in ('segment', 'part')
            )
            and (
                series.category = parts.category
                or series.series_level not in ('category', 'part')
            )
            and (
                series.region = parts.region
                or series.series_level not in ('region', 'part')
            )

    where parts.series_level = 'part'

    group by
        series.id_space,
        series.currency_code,
        series.series_level,
        series.segment,
        series.category,
        series.region,
        series.forecast_date

)

select * from added

where abs(expected_amount - parts_amount) >= 0.01
