{#  A mart as the last run left it, read before this run builds it anew: the one way
    round the order of models, for a summary that must know what a correction takes
    away. Name it in config.meta `beside` as well.  #}
{% macro former(name) -%}
    {{ api.Relation.create(target.database, target.schema, name) }}
{%- endmacro %}
