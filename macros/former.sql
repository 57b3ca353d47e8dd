{#  A mart as it stands, named without making it a parent: before this run builds it
    anew that is as the last run left it, the one way round the order of models, for a
    summary that must know what a correction takes away. Name it in config.meta `beside`
    as well.  #}
{% macro former(name) -%}
    {{ api.Relation.create(target.database, target.schema, name) }}
{%- endmacro %}
