{#  Where a row of the raw zone came from; every canonical row carries it.  #}
{% macro record_columns(relation='') -%}
    {%- set of = relation ~ '.' if relation else '' -%}
    {{ of }}_loaded_at as loaded_at,
        {{ of }}_batch_id as batch_id,
        {{ of }}_source_file as source_file
{%- endmacro %}
