{#  The date key of what has no known date: a special row of dim_date.  #}
{% macro unknown_date() -%}
    date '1900-01-01'
{%- endmacro %}
