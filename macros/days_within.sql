{#  The condition that a column is one of the days of a relation (column `day`). Where
    they are few ranges these are told, so that only that part of a table in the order
    of its days is read.  #}
{% macro days_within(column, relation) -%}
    {%- set ranges = run_query('
        select min(day)::varchar as first_day, max(day)::varchar as last_day
        from (
            select day, day - row_number() over (order by day)::integer as beginning
            from (select distinct day from ' ~ relation ~ ')
        )
        group by beginning
        order by first_day
    ').rows -%}
    {%- if not ranges -%}
        {{ return('false') }}
    {%- endif -%}
    {%- set conditions = [] -%}
    {%- for range in ranges if ranges | length <= 50 -%}
        {%- do conditions.append(
            column ~ " between date '" ~ range.first_day ~ "' and date '"
            ~ range.last_day ~ "'"
        ) -%}
    {%- endfor -%}
    {{ return(
        '(' ~ conditions | join(' or ') ~ ')' if conditions
        else column ~ ' in (select day from ' ~ relation ~ ')'
    ) }}
{%- endmacro %}
