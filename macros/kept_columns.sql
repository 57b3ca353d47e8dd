{#  The columns of a fact that aggregates kept by differences read (config.meta
    `differences` of models `agg_*`); none if no aggregate of it is.  #}
{% macro kept_columns(fact) -%}
    {%- set answers = graph.setdefault('kept_columns', {}) -%}
    {%- if not answers -%}
        {%- for node in graph.nodes.values()
            if node.resource_type == 'model' and node.config.meta.get('differences') -%}
            {%- set known = answers.setdefault(node.config.meta.units.fact, []) -%}
            {%- for column in node.config.meta.differences.reads
                if column not in known -%}
                {%- do known.append(column) -%}
            {%- endfor -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(answers.get(fact, []) | sort) }}
{%- endmacro %}
