{#  What a model knows of the raw zone in this file: its code_hash when it was last
    rebuilt, and loaded_through, up to which load it has taken batches in; none if it
    was never built here. The answer is kept with the graph until the model has run,
    since it is asked for many times.

    A model that also reads the former state of others (config.meta `beside`) takes up
    where the last of them stands, so that a run that broke off is made good.  #}
{% macro model_state(node) -%}
    {%- set answers = graph.setdefault('model_states', {}) -%}
    {%- if node.name not in answers -%}
        {%- set names = [node.name] + node.config.meta.get('beside', []) -%}
        {%- set found = run_query("
            select
                any_value(code_hash) filter (model = '" ~ node.name ~ "') as code_hash,
                min(loaded_through)::varchar as loaded_through,
                count(*) = " ~ names | length ~ " as is_whole
            from intermediate.model_state
            where model in ('" ~ names | join("', '") ~ "')
        ") -%}
        {%- do answers.update({
            node.name: found.rows[0] if found.rows[0].is_whole else none
        }) -%}
    {%- endif -%}
    {{ return(answers[node.name]) }}
{%- endmacro %}
