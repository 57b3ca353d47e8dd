{#  Marts stand in the default schema, so that readers say fct_sales_line and no
    more; every other layer has the schema that its config names.  #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ target.schema if custom_schema_name is none else custom_schema_name | trim }}
{%- endmacro %}
