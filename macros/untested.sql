{#  Which rows of a relation the test in hand has still to look at: a condition.

    Rows that passed need no second look as long as they stay what they are. A test that
    passed in this file is told the rows that came since, by loaded_at; and of an
    incremental model also those of months in which keys were set anew, or rows done
    again for other reasons than a load. It is told all rows where it never passed, or
    only warned, where it or any macro was changed, and where the model was rebuilt
    since; and of tables that are built anew each time. Of aggregates it is told what
    `untested_units` says. The answer is kept with the graph: a model's tests all run
    after it, and most stand at the same load.  #}
{% macro untested(relation) -%}
    {%- set asks = execute and 'nodes' in graph and flags.WHICH in ['build', 'test'] -%}
    {%- set node = graph.nodes.get('model.acrm.' ~ relation.identifier) if asks -%}
    {%- if node and node.config.meta.get('units') -%}
        {{ return(untested_units(relation).kept) }}
    {%- endif -%}
    {%- if not node or node.config.materialized != 'incremental'
        or 'loaded_at' not in node.columns -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set through = tested_through(model) -%}
    {%- if not through -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set answers = graph.setdefault('untested', {}) -%}
    {%- set question = node.name ~ ' ' ~ through -%}
    {%- if question in answers -%}
        {{ return(answers[question]) }}
    {%- endif -%}
    {%- set by_load = "loaded_at > timestamp '" ~ through ~ "'" -%}
    {%- set months = run_query("
        select distinct
            coalesce(date_trunc('month', date_key)::date::varchar, 'all') as month_start
        from intermediate.changed_day
        where
            model = '" ~ node.name ~ "'
            and is_rekeyed
            and changed_at > timestamp '" ~ through ~ "'
        order by month_start
    ").columns[0].values() | list -%}
    {%- set conditions = [by_load] -%}
    {%- for month in months if 'all' not in months -%}
        {%- set first = "date '" ~ month ~ "'" -%}
        {%- do conditions.append(
            'date_key between ' ~ first ~ ' and last_day(' ~ first ~ ')'
        ) -%}
    {%- endfor -%}
    {%- do answers.update({question: (
        'true' if 'all' in months else '(' ~ conditions | join(' or ') ~ ')'
    )}) -%}
    {{ return(answers[question]) }}
{%- endmacro %}
