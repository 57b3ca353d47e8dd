{#  Up to which load this run knows the raw zone: the variable `as_known_on` as a
    timestamp in UTC, its text; empty where it is not set, and all is known.

    A bare date means all that was loaded by the end of that day; with a time, all that
    was loaded by then, in UTC unless it names a zone.  #}
{% macro as_known_on() -%}
    {%- set given = var('as_known_on') | string | trim -%}
    {%- if not given or not execute -%}
        {{ return('') }}
    {%- endif -%}
    {%- set day = '[0-9]{4}-[0-9]{2}-[0-9]{2}' -%}
    {%- set time = '[0-9]{2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,6})?)?' -%}
    {%- set zone = '(Z|[+-][0-9]{2}(:?[0-9]{2})?)?' -%}
    {%- set instant = none -%}
    {%- if modules.re.fullmatch(day ~ '([ T]' ~ time ~ zone ~ ')?', given) -%}
        {%- set instant = run_query("
            select (
                try_cast('" ~ given ~ "' as timestamptz) at time zone 'UTC'
                + interval '" ~ ('1 day' if given | length == 10 else '0 days') ~ "'
                - interval '" ~ (1 if given | length == 10 else 0) ~ " microseconds'
            )::varchar
        ").rows[0][0] -%}
    {%- endif -%}
    {%- if instant is none -%}
        {{ exceptions.raise_compiler_error(
            "The variable as_known_on is '" ~ given ~ "', which is no date and no "
            ~ "timestamp. Write 2025-12-05 for all that was loaded by the end of that "
            ~ "day, or 2025-12-05T06:00, in UTC."
        ) }}
    {%- endif -%}
    {{ return(instant) }}
{%- endmacro %}
