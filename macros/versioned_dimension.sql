{#  Of a dimension with versions, the columns of its key and its durable id, which come
    first; none of any other model.  #}
{% macro versioned_dimension(node) -%}
    {%- if node.name.startswith('dim_') and 'valid_from' in node.columns -%}
        {%- set names = node.columns.keys() | list -%}
        {{ return({'key': names[0], 'id': names[1]}) }}
    {%- endif -%}
    {{ return(none) }}
{%- endmacro %}
