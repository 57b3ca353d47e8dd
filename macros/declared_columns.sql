{#  The columns that a YAML declares for a model or source, name -> {data_type,
    required}, in its order.

    A unit test is compiled without the project's graph; there the relation itself,
    which a unit test needs anyway, says its columns, and none counts as required.  #}
{% macro declared_columns(unique_id, schema, identifier) -%}
    {%- set columns = {} -%}
    {%- if execute and 'nodes' in graph -%}
        {%- set node = graph.nodes.get(unique_id) or graph.sources.get(unique_id) -%}
        {%- for column in node.columns.values() -%}
            {%- do columns.update({column.name: {
                'data_type': column.data_type,
                'required': column.config.meta.required or false,
            }}) -%}
        {%- endfor -%}
    {%- elif execute -%}
        {%- set relation = adapter.get_relation(target.database, schema, identifier) -%}
        {%- for column in adapter.get_columns_in_relation(relation) -%}
            {%- do columns.update({column.name: {
                'data_type': column.data_type, 'required': false,
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}
