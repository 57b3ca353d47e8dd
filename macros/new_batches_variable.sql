{#  The session variable that narrows a raw view to some batches: a list of batch
    ids, or null for all.  #}
{% macro new_batches_variable(system, table) -%}
    {{ return('new_batches__' ~ system ~ '__' ~ table) }}
{%- endmacro %}
