{#  Grain: one day, and two special rows: 1900-01-01 for an unknown date, 9999-12-31
    for what has not ended. Type 0.

    Fiscal weeks are grouped 4-4-5: a quarter has thirteen weeks, its months four,
    four and five; the 53rd week, where there is one, belongs to the twelfth month.

    Special rows carry their label in every text column, null in every number and
    date, and false in every flag, so that a split by any column keeps the total.  #}

with

calendar_days as (

    select * from {{ ref('int_calendar_days') }}

),

fiscal_years as (

    select * from {{ ref('int_fiscal_years') }}

),

holidays as (

    select * from {{ ref('int_holidays_merged') }}

),

fiscal_days as (

    select
        calendar_days.calendar_date,
        fiscal_years.fiscal_year,
        fiscal_years.fiscal_year_start_date,
        fiscal_years.fiscal_year_end_date,
        fiscal_years.weeks_in_fiscal_year,
        fiscal_years.previous_fiscal_year_start_date,
        fiscal_years.weeks_in_previous_fiscal_year,
        (calendar_days.calendar_date - fiscal_years.fiscal_year_start_date)::integer
            as days_since_start

    from calendar_days

    inner join fiscal_years
        on
            calendar_days.calendar_date >= fiscal_years.fiscal_year_start_date
            and calendar_days.calendar_date <= fiscal_years.fiscal_year_end_date

),

fiscal_weeks as (

    select
        *,
        floor(days_since_start / 7)::integer + 1 as fiscal_week,
        least(floor(days_since_start / 91)::integer + 1, 4) as fiscal_quarter

    from fiscal_days

),

fiscal_months as (

    select
        *,
        (fiscal_quarter - 1) * 3
        + case
            when fiscal_week - (fiscal_quarter - 1) * 13 <= 4 then 1
            when fiscal_week - (fiscal_quarter - 1) * 13 <= 8 then 2
            else 3
        end as fiscal_month

    from fiscal_weeks

),

days as (

    select
        -- key
        fiscal_months.calendar_date as date_key,
        'date' as member_type,
        strftime(fiscal_months.calendar_date, '%Y-%m-%d') as date_label,

        -- calendar
        year(fiscal_months.calendar_date) as calendar_year,
        quarter(fiscal_months.calendar_date) as calendar_quarter,
        strftime(fiscal_months.calendar_date, '%Y-Q')
        || quarter(fiscal_months.calendar_date)::varchar as quarter_key,
        month(fiscal_months.calendar_date) as month_number,
        monthname(fiscal_months.calendar_date) as month_name,
        strftime(fiscal_months.calendar_date, '%Y-%m') as month_key,
        date_trunc('month', fiscal_months.calendar_date)::date as month_start_date,
        last_day(fiscal_months.calendar_date) as month_end_date,
        day(fiscal_months.calendar_date) as day_of_month,
        dayofyear(fiscal_months.calendar_date) as day_of_year,
        day(last_day(fiscal_months.calendar_date)) as days_in_month,
        isodow(fiscal_months.calendar_date) as day_of_week_number,
        dayname(fiscal_months.calendar_date) as day_of_week_name,
        isodow(fiscal_months.calendar_date) >= 6 as is_weekend,
        fiscal_months.calendar_date = last_day(fiscal_months.calendar_date)
            as is_month_end,

        -- ISO 8601 weeks
        isoyear(fiscal_months.calendar_date) as iso_year,
        weekofyear(fiscal_months.calendar_date) as iso_week,
        isoyear(fiscal_months.calendar_date)::varchar
        || '-W'
        || lpad(weekofyear(fiscal_months.calendar_date)::varchar, 2, '0')
            as iso_week_key,

        -- fiscal 4-4-5
        fiscal_months.fiscal_year,
        'FY' || fiscal_months.fiscal_year::varchar as fiscal_year_key,
        fiscal_months.fiscal_quarter,
        'FY' || fiscal_months.fiscal_year::varchar
        || '-Q' || fiscal_months.fiscal_quarter::varchar as fiscal_quarter_key,
        fiscal_months.fiscal_month,
        'FY' || fiscal_months.fiscal_year::varchar
        || '-M' || lpad(fiscal_months.fiscal_month::varchar, 2, '0')
            as fiscal_month_key,
        fiscal_months.fiscal_week,
        'FY' || fiscal_months.fiscal_year::varchar
        || '-W' || lpad(fiscal_months.fiscal_week::varchar, 2, '0')
            as fiscal_week_key,
        fiscal_months.days_since_start + 1 as fiscal_day_of_year,
        fiscal_months.fiscal_year_start_date,
        fiscal_months.fiscal_year_end_date,
        fiscal_months.weeks_in_fiscal_year,

        -- comparable days
        (fiscal_months.calendar_date - 364)::date as comparable_date_last_year,
        (fiscal_months.calendar_date - interval 1 year)::date
            as same_date_last_year,
        case
            when
                fiscal_months.fiscal_week
                <= fiscal_months.weeks_in_previous_fiscal_year
                then
                    (
                        fiscal_months.previous_fiscal_year_start_date
                        + fiscal_months.days_since_start
                    )::date
        end as fiscal_comparable_date_last_year,

        -- holidays
        holidays.holiday_date is not null as is_holiday,
        coalesce(holidays.is_holiday_gb, false) as is_holiday_gb,
        coalesce(holidays.is_holiday_us, false) as is_holiday_us,
        holidays.holiday_name,
        holidays.holiday_country_codes

    from fiscal_months

    left join holidays
        on fiscal_months.calendar_date = holidays.holiday_date

),

special_dates as (

    select
        {{ unknown_date() }} as date_key,
        'Unknown date' as date_label

    union all

    select
        {{ open_end_date() }} as date_key,
        'Open end' as date_label

),

-- The keys never meet: a full join appends the special rows.
final as (

    select
        coalesce(days.date_key, special_dates.date_key)::date as date_key,
        coalesce(days.member_type, 'special')::varchar as member_type,
        coalesce(days.date_label, special_dates.date_label)::varchar as date_label,
        days.calendar_year::integer as calendar_year,
        days.calendar_quarter::integer as calendar_quarter,
        coalesce(days.quarter_key, special_dates.date_label)::varchar as quarter_key,
        days.month_number::integer as month_number,
        coalesce(days.month_name, special_dates.date_label)::varchar as month_name,
        coalesce(days.month_key, special_dates.date_label)::varchar as month_key,
        days.month_start_date::date as month_start_date,
        days.month_end_date::date as month_end_date,
        days.day_of_month::integer as day_of_month,
        days.day_of_year::integer as day_of_year,
        days.days_in_month::integer as days_in_month,
        days.day_of_week_number::integer as day_of_week_number,
        coalesce(days.day_of_week_name, special_dates.date_label)::varchar
            as day_of_week_name,
        coalesce(days.is_weekend, false)::boolean as is_weekend,
        coalesce(days.is_month_end, false)::boolean as is_month_end,
        days.iso_year::integer as iso_year,
        days.iso_week::integer as iso_week,
        coalesce(days.iso_week_key, special_dates.date_label)::varchar as iso_week_key,
        days.fiscal_year::integer as fiscal_year,
        coalesce(days.fiscal_year_key, special_dates.date_label)::varchar
            as fiscal_year_key,
        days.fiscal_quarter::integer as fiscal_quarter,
        coalesce(days.fiscal_quarter_key, special_dates.date_label)::varchar
            as fiscal_quarter_key,
        days.fiscal_month::integer as fiscal_month,
        coalesce(days.fiscal_month_key, special_dates.date_label)::varchar
            as fiscal_month_key,
        days.fiscal_week::integer as fiscal_week,
        coalesce(days.fiscal_week_key, special_dates.date_label)::varchar
            as fiscal_week_key,
        days.fiscal_day_of_year::integer as fiscal_day_of_year,
        days.fiscal_year_start_date::date as fiscal_year_start_date,
        days.fiscal_year_end_date::date as fiscal_year_end_date,
        days.weeks_in_fiscal_year::integer as weeks_in_fiscal_year,
        days.comparable_date_last_year::date as comparable_date_last_year,
        days.same_date_last_year::date as same_date_last_year,
        days.fiscal_comparable_date_last_year::date as fiscal_comparable_date_last_year,
        coalesce(days.is_holiday, false)::boolean as is_holiday,
        coalesce(days.is_holiday_gb, false)::boolean as is_holiday_gb,
        coalesce(days.is_holiday_us, false)::boolean as is_holiday_us,
        days.holiday_name::varchar as holiday_name,
        days.holiday_country_codes::varchar as holiday_country_codes

    from days

    full join special_dates
        on days.date_key = special_dates.date_key

)

select * from final
