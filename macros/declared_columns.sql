{#  The columns that a YAML declares for a model or source, name -> {data_type,
    required}, in its order.

    A unit test is compiled without the project's graph; there the relation itself
    says its columns, and none counts as required. Before its first build there is no
    relation either: then the columns are unknown, and the result is empty.  #}
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
        {%- set found = relation and adapter.get_columns_in_relation(relation) or [] -%}
        {%- for column in found -%}
            {%- do columns.update({column.name: {
                'data_type': column.data_type, 'required': false,
            }}) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(columns) }}
{%- endmacro %}
