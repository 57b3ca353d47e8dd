{#  The condition that a row of another model may read otherwise than when the model in
    hand last ran: it was loaded later; or always, where that cannot be told because
    the other's pack looks things up in a raw table that has news. Only of use where
    is_incremental().

    rows: what the query calls that model.  #}
{% macro may_have_changed(name, rows) -%}
    {%- set unsure = [] -%}
    {%- set state = model_state(graph.nodes[model.unique_id]) -%}
    {%- for system, table in raw_reads('model.acrm.' ~ name).lookups
        if new_batches(system, table, state.loaded_through) -%}
        {%- do unsure.append(table) -%}
    {%- endfor -%}
    {{ 'true' if unsure else rows ~ '.loaded_at > ' ~ loaded_through() }}
{%- endmacro %}
