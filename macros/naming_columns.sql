{#  The columns of an entity that name members of dimensions: column -> member, such as
    source_customer_id -> customer. A column of another name says what it names under
    config.meta `names`.  #}
{% macro naming_columns(entity) -%}
    {%- set members = [
        'customer', 'product', 'store', 'cell', 'offer', 'employee', 'visitor', 'plan',
        'household', 'reason', 'store_zone',
    ] -%}
    {%- set found = {} -%}
    {%- if execute and 'nodes' in graph -%}
        {%- for column in graph.nodes['model.acrm.int_' ~ entity].columns.values() -%}
            {%- set member = column.config.meta.get(
                'names', column.name.removeprefix('source_').removesuffix('_id')
            ) -%}
            {%- if member in members and (
                column.name == 'source_' ~ member ~ '_id' or column.config.meta.names
            ) -%}
                {%- do found.update({column.name: member}) -%}
            {%- endif -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(found) }}
{%- endmacro %}
