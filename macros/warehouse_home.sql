{#  The warehouse home, where the raw zone and the logs are, fit to stand in a string of
    SQL.  #}
{% macro warehouse_home() -%}
    {{ return(env_var('ACRM_WAREHOUSE', 'warehouse') | replace("'", "''")) }}
{%- endmacro %}
