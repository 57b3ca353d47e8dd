{#  An id that no two companies share: the id space before the system's own id.  #}
{% macro durable_id(column, id_space='id_space') -%}
    {{ id_space }} || ':' || {{ column }}
{%- endmacro %}
