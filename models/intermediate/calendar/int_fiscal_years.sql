{#  Grain: one fiscal year that has a day in the calendar.

    A fiscal year has the name of the calendar year in which the month begins that
    it begins nearest to. So the year nearest to 1 February 2017 is 2017; and
    with months from January, the year that begins on 30 December 2024 is 2025, as
    in ISO 8601.  #}

with

calendar_days as (

    select * from {{ ref('int_calendar_days') }}

),

calendar_bounds as (

    select
        min(calendar_date) as first_day,
        max(calendar_date) as last_day

    from calendar_days

),

-- A day may belong to the fiscal year of the calendar year before or after.
years as (

    select
        first_day,
        last_day,
        unnest(
            generate_series(year(first_day) - 1, year(last_day) + 1)
        )::integer as fiscal_year

    from calendar_bounds

),

starts as (

    select
        fiscal_year,
        first_day,
        last_day,
        {{ fiscal_year_start('fiscal_year - 1') }} as previous_start_date,
        {{ fiscal_year_start('fiscal_year') }} as start_date,
        {{ fiscal_year_start('fiscal_year + 1') }} as next_start_date

    from years

),

final as (

    select
        fiscal_year,
        start_date as fiscal_year_start_date,
        (next_start_date - 1)::date as fiscal_year_end_date,
        floor((next_start_date - start_date) / 7.0)::integer as weeks_in_fiscal_year,
        previous_start_date as previous_fiscal_year_start_date,
        floor((start_date - previous_start_date) / 7.0)::integer
            as weeks_in_previous_fiscal_year

    from starts

    where start_date <= last_day and next_start_date > first_day

)

select * from final
