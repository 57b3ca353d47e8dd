{#  Up to which load the model in hand has taken in batches: a timestamp literal. Rows
    loaded later are news to it. Only of use where is_incremental().  #}
{% macro loaded_through() -%}
    timestamp '{{ model_state(graph.nodes[model.unique_id]).loaded_through }}'
{%- endmacro %}
