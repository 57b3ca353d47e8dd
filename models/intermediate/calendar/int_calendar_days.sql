{#  Grain: one day of the calendar that the warehouse needs, in whole years.

    The calendar covers calendar_from to calendar_to, and every day that the data
    needs. The two special dates are members of dim_date and no days of it, so a
    source that writes them for "unknown" or "still open" does not stretch it.

    A table, so that the data is asked for its days once and not by every reader.  #}
{{ config(materialized='table') }}

{%- set calendar_from = var('calendar_from') | string -%}
{%- set calendar_to = var('calendar_to') | string -%}
{%- if execute and calendar_from > calendar_to -%}
    {{ exceptions.raise_compiler_error(
        "The variable calendar_from (" ~ calendar_from ~ ") lies after calendar_to ("
        ~ calendar_to ~ "); it must be a day on or before it."
    ) }}
{%- endif %}

with

business_dates as (

    select * from {{ ref('int_business_date_range') }}

),

needed as (

    select
        least(
            date '{{ calendar_from }}',
            min(nullif(first_business_date, {{ unknown_date() }}))
        ) as first_day,
        greatest(
            date '{{ calendar_to }}',
            max(nullif(last_business_date, {{ open_end_date() }}))
        ) as last_day

    from business_dates

),

days as (

    select
        unnest(
            generate_series(
                date_trunc('year', first_day)::timestamp,
                make_date(year(last_day), 12, 31)::timestamp,
                interval 1 day
            )
        )::date as calendar_date

    from needed

),

final as (

    select calendar_date

    from days

    where calendar_date not in ({{ unknown_date() }}, {{ open_end_date() }})

)

select * from final
