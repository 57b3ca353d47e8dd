{#  dbt's `unique`, which asks of rows that are not tested yet whether any other has
    their value.  #}
{% macro duckdb__test_unique(model, column_name) %}

{%- set news = untested(model) %}

select
    {{ column_name }} as unique_field,
    count(*) as n_records

from {{ model }}

where
    {{ column_name }} is not null
    {%- if news != 'true' %}
    and {{ column_name }} in (
        select {{ column_name }} from {{ model }} where {{ news }}
    )
    {%- endif %}

group by {{ column_name }}

having count(*) > 1

{% endmacro %}
