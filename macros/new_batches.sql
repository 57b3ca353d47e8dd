{#  The batches that a raw table got after a load: a list of ids. The answer is kept
    with the graph for the rest of the run: many models stand at the same load.  #}
{% macro new_batches(system, table, loaded_through) -%}
    {%- set answers = graph.setdefault('new_batches', {}) -%}
    {%- set question = system ~ '.' ~ table ~ ' ' ~ loaded_through -%}
    {%- if question not in answers -%}
        {%- set found = run_query("
            select distinct batch_id
            from landing.load_batch
            where
                system = '" ~ system ~ "'
                and table_name = '" ~ table ~ "'
                and loaded_at > timestamp '" ~ loaded_through ~ "'
            order by batch_id
        ") -%}
        {%- do answers.update({question: found.columns[0].values() | list}) -%}
    {%- endif -%}
    {{ return(answers[question]) }}
{%- endmacro %}
