-- A year without a holiday of a country is a year that the seed does not know: its
-- days would all pass for working days.
{{ config(severity='warn') }}

with

days as (

    select * from {{ ref('dim_date') }}

),

holidays as (

    select * from {{ ref('holiday') }}

),

countries as (

    select distinct country_code from holidays

),

known as (

    select distinct
        country_code,
        year(holiday_date) as calendar_year

    from holidays

),

needed as (

    select distinct
        countries.country_code,
        days.calendar_year

    from days

    cross join countries

    where days.member_type = 'date'

)

select needed.*

from needed

left join known
    on
        needed.country_code = known.country_code
        and needed.calendar_year = known.calendar_year

where known.country_code is null
