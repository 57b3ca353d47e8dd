{#  An id that no two systems share: the system's name before its own id.  #}
{% macro durable_id(column, system='source_system') -%}
    {{ system }} || ':' || {{ column }}
{%- endmacro %}
