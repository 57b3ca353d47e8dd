{#  Whether an incremental model starts anew: on --full-refresh; where this file has
    no state of it; when its code or that of a model before it has changed; and when
    a raw table that it only looks things up in has news, which may change old rows.
    Takes the place of dbt's own.  #}
{% macro should_full_refresh() -%}
    {%- if config.get('full_refresh') is not none -%}
        {{ return(config.get('full_refresh')) }}
    {%- endif -%}
    {%- if flags.FULL_REFRESH or not execute or 'nodes' not in graph
        or config.get('materialized') != 'incremental' -%}
        {{ return(flags.FULL_REFRESH) }}
    {%- endif -%}
    {%- set node = graph.nodes[model.unique_id] -%}
    {%- set state = model_state(node) -%}
    {%- if state is none or state.code_hash != code_hash(model.unique_id) -%}
        {{ return(true) }}
    {%- endif -%}
    {%- for system, table in raw_reads(model.unique_id).lookups
        if new_batches(system, table, state.loaded_through) -%}
        {{ return(true) }}
    {%- endfor -%}
    {{ return(false) }}
{%- endmacro %}
