{#  The first day of a fiscal year: of the weekdays `fiscal_week_start_day`, the one
    nearest to the first of the month `fiscal_year_start_month` of the year given.

    The nearest one lies at most three days before or after, so it is the last such
    weekday up to the fourth of the month. Of two in a row one is always nearer:
    seven days have no tie.

    Arguments: year, an SQL expression for an integer.  #}
{% macro fiscal_year_start(year) -%}
    {%- set month = var('fiscal_year_start_month') | int -%}
    {%- set weekday = var('fiscal_week_start_day') | int -%}
    {%- if execute and not 1 <= month <= 12 -%}
        {{ exceptions.raise_compiler_error(
            "The variable fiscal_year_start_month is "
            ~ var('fiscal_year_start_month') ~ "; it must be a month, 1 to 12."
        ) }}
    {%- endif -%}
    {%- if execute and not 1 <= weekday <= 7 -%}
        {{ exceptions.raise_compiler_error(
            "The variable fiscal_week_start_day is "
            ~ var('fiscal_week_start_day')
            ~ "; it must be a weekday, 1 (Monday) to 7 (Sunday)."
        ) }}
    {%- endif -%}
    {%- set fourth = "make_date(" ~ year ~ ", " ~ month ~ ", 4)" -%}
    ({{ fourth }} - ((isodow({{ fourth }}) - {{ weekday }} + 7) % 7)::integer)::date
{%- endmacro %}
