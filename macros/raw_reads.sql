{#  Which raw tables a model reads through views, as a dict:

    driving  raw tables whose rows become the model's rows, a list of [system, table];
             of these an incremental model reads only the new batches
    lookups  raw tables that a staging view joins beside them: when one of these has
             news, old rows may change as well

    A staging view is driven by the raw table that it names first; whatever it joins
    beside that is a lookup. Totals are stated for each of several raw tables, which
    all drive. Tables, such as dimensions, end the search. The answer is kept with the
    graph for the rest of the run, since it is asked for several times a model.  #}
{% macro raw_reads(unique_id) -%}
    {%- set answers = graph.setdefault('raw_reads', {}) -%}
    {%- if unique_id in answers -%}
        {{ return(answers[unique_id]) }}
    {%- endif -%}
    {%- set reads = {'driving': [], 'lookups': []} -%}
    {%- set waiting = [unique_id] -%}
    {%- set seen = [unique_id] -%}
    {%- for _ in range(10000) if waiting -%}
        {%- set node = graph.nodes[waiting.pop()] -%}
        {%- set tables = [] -%}
        {%- for parent in node.depends_on.nodes if parent not in seen -%}
            {%- set view = graph.nodes.get(parent) -%}
            {%- if parent in graph.sources -%}
                {%- if graph.sources[parent].loader == 'acrm' -%}
                    {%- do tables.append(graph.sources[parent]) -%}
                {%- endif -%}
            {%- elif view and view.config.materialized in ['view', 'ephemeral'] -%}
                {%- do seen.append(parent) -%}
                {%- do waiting.append(parent) -%}
            {%- endif -%}
        {%- endfor -%}
        {%- for table in tables -%}
            {%- do reads[
                'driving'
                if loop.first or node.name.endswith('__source_totals')
                else 'lookups'
            ].append(
                [table.source_name, table.name]
            ) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- do answers.update({unique_id: reads}) -%}
    {{ return(reads) }}
{%- endmacro %}
