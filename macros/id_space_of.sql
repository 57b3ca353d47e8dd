{#  The id space that a durable id was made in.  #}
{% macro id_space_of(durable_id) -%}
    split_part({{ durable_id }}, ':', 1)
{%- endmacro %}
