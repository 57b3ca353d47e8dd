{#  The columns of a dimension by which aggregates put rows of facts together
    (config.meta `grouped_by` of models `agg_*`), as a dict: `key`, the column of its
    key, and `columns`; none if no aggregate does.  #}
{% macro grouped_columns(dimension) -%}
    {%- set answers = graph.setdefault('grouped_columns', {}) -%}
    {%- if not answers -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.config.meta.get('grouped_by') -%}
            {%- for name, grouped in node.config.meta.grouped_by.items() -%}
                {%- set known = answers.setdefault(
                    name, {'key': grouped.key, 'columns': []}
                ) -%}
                {%- for column in grouped.columns if column not in known.columns -%}
                    {%- do known.columns.append(column) -%}
                {%- endfor -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(answers.get(dimension)) }}
{%- endmacro %}
