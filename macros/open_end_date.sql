{#  The date key of what has not ended yet: a special row of dim_date.  #}
{% macro open_end_date() -%}
    date '9999-12-31'
{%- endmacro %}
