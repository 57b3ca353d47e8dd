{#  In which months rows of some facts came, went or changed since the test in hand
    passed: a condition on a column that holds a day. `true` where all rows are to be
    looked at, see `untested`; a table that stands in the order of its days is then read
    in these months only.  #}
{% macro untested_months(relations, column='date_key') -%}
    {%- set names = [] -%}
    {%- for relation in relations -%}
        {%- do names.append(relation.identifier) -%}
        {%- if untested(relation) == 'true' -%}
            {{ return('true') }}
        {%- endif -%}
    {%- endfor -%}
    {%- set conditions = [] -%}
    {%- for month in run_query("
        select distinct date_trunc('month', date_key)::date::varchar as month_start
        from intermediate.changed_day
        where
            model in ('" ~ names | join("', '") ~ "')
            and changed_at > timestamp '" ~ tested_through(model) ~ "'
        order by month_start
    ").columns[0].values() -%}
        {%- do conditions.append(
            column ~ " between date '" ~ month ~ "' and last_day(date '" ~ month ~ "')"
        ) -%}
    {%- endfor -%}
    {{ return('(' ~ conditions | join(' or ') ~ ')' if conditions else 'false') }}
{%- endmacro %}
