{#  Whether an incremental model starts anew: on --full-refresh; where this file has
    no state of it; when its code or that of a model before it has changed; when a raw
    table that it only looks things up in has news, which may change old rows; when a
    fact that it is made of was started anew; and when days lie in other units than
    those of which an aggregate does whole ones again. (Of a dimension that was, it is
    told which members have another history.) Takes the place of dbt's own.  #}
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
    {%- set made_of = [] -%}
    {%- for parent in node.depends_on.nodes
        if parent in graph.nodes
        and graph.nodes[parent].config.materialized == 'incremental'
        and not graph.nodes[parent].name.startswith('dim_')
        and graph.nodes[parent].name != 'int_named_members' -%}
        {%- do made_of.append(graph.nodes[parent].name) -%}
    {%- endfor -%}
    {%- set started_anew = run_query("
        select count(*)
        from intermediate.changed_day
        where
            date_key is null
            and model in ('" ~ made_of | join("', '") ~ "')
            and changed_at > timestamp '" ~ state.loaded_through ~ "'
    ").rows[0][0] -%}
    {%- set dates = node.config.meta.get('units') -%}
    {%- set dates = dates if dates and dates.get('dates') else none -%}
    {%- set moved = run_query("
        select count(*)
        from intermediate.changed_member
        where
            dimension = '" ~ dates.dates ~ "'
            and changed_at > timestamp '" ~ state.loaded_through ~ "'
            and member_key in (
                select " ~ dates.key ~ "::varchar from " ~ former(dates.dates) ~ "
            )
    ").rows[0][0] if dates else 0 -%}
    {{ return(started_anew + moved > 0) }}
{%- endmacro %}
