{#  Which rows of a relation the test in hand has still to look at: a condition.

    Rows that passed need no second look as long as they stay what they are. A test that
    passed in this file is told the rows that came since, by loaded_at; and of an
    incremental model also those of months in which keys were set anew, or rows done
    again for other reasons than a load. It is told all rows where it never passed, or
    only warned, where it or any macro was changed, and where the model was rebuilt
    since; and of tables that are built anew each time.  #}
{% macro untested(relation) -%}
    {%- set asks = execute and 'nodes' in graph and flags.WHICH in ['build', 'test'] -%}
    {%- set node = graph.nodes.get('model.acrm.' ~ relation.identifier) if asks -%}
    {%- if not node or node.config.materialized != 'incremental'
        or 'loaded_at' not in node.columns -%}
        {{ return('true') }}
    {%- endif -%}
    {%- set through = tested_through(model) -%}
    {%- if not through -%}
        {{ return('true') }}
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
    {%- if 'all' in months -%}
        {{ return('true') }}
    {%- elif months -%}
        {%- set ranges = [] -%}
        {%- for month in months -%}
            {%- set first = "date '" ~ month ~ "'" -%}
            {%- do ranges.append(
                'date_key between ' ~ first ~ ' and last_day(' ~ first ~ ')'
            ) -%}
        {%- endfor -%}
        {{ return('(' ~ by_load ~ ' or ' ~ ranges | join(' or ') ~ ')') }}
    {%- endif -%}
    {{ return(by_load) }}
{%- endmacro %}
