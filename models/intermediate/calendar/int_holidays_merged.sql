{#  Grain: one day that is a holiday in at least one country.  #}

with

holidays as (

    select * from {{ ref('holiday') }}

),

final as (

    select
        holiday_date,
        string_agg(
            country_code || ': ' || holiday_name, '; '
            order by country_code, holiday_name
        ) as holiday_name,
        string_agg(distinct country_code, ',' order by country_code)
            as holiday_country_codes,
        bool_or(country_code = 'GB') as is_holiday_gb,
        bool_or(country_code = 'US') as is_holiday_us

    from holidays

    group by holiday_date

)

select * from final
