{#  dbt's `accepted_values`, of rows that are not tested yet.  #}
{% macro duckdb__test_accepted_values(model, column_name, values, quote=True) %}

select
    {{ column_name }} as value_field,
    count(*) as n_records

from {{ model }}

where
    {{ untested(model) }}
    and {{ column_name }} not in (
        {%- for value in values %}
        {{ "'" ~ value ~ "'" if quote else value }}{{ ', ' if not loop.last }}
        {%- endfor %}
    )

group by {{ column_name }}

{% endmacro %}
