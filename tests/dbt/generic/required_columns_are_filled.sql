{#  Every column that the model's YAML marks `required` is filled, in one scan of the
    batches that it has not passed yet.  #}
{% test required_columns_are_filled(model) %}

{%- do narrow_to_untested(model) %}

{%- set columns = ['source_system'] -%}
{%- if execute -%}
    {%- for column in graph.nodes['model.acrm.' ~ model.identifier].columns.values()
        if column.config.meta.required and column.name not in columns -%}
        {%- do columns.append(column.name) -%}
    {%- endfor -%}
{%- endif %}

select
    source_system,
    {%- for column in columns %}
    count(*) filter ({{ column }} is null) as {{ column }}_missing
    {{- ',' if not loop.last }}
    {%- endfor %}

from {{ model }}

group by source_system

having
    {%- for column in columns %}
    count(*) filter ({{ column }} is null) > 0 {{ 'or' if not loop.last }}
    {%- endfor %}

{% endtest %}
