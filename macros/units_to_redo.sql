{#  What an aggregate with config.meta `units` has to do again; only of use where
    is_incremental(). A dict:

    units  the relation of the units to do again whole
    only   the condition of the rows of the fact in them. The days are told in it as
           ranges, so that only that part of the fact is read; of very many, the first
           and the last are.
    lines  of one with config.meta `differences`: the rows of the fact in these units,
           and of all others those that came (`way` 1) and went (-1)

    Without `differences`, or where the fact kept no changes since, each unit is whole
    in which anything changed; else those in which a member is put together otherwise
    than before.

    day: the fact's column of the day, as the query calls it.  #}
{% macro units_to_redo(day) -%}
    {%- set node = graph.nodes[model.unique_id] -%}
    {%- set meta = node.config.meta -%}
    {%- set days = 'days_of_' ~ model.name -%}
    {%- set since = model_state(node).loaded_through -%}
    {%- set kept = kept_changes(meta.units.fact) if meta.differences else none -%}
    {%- if kept and (
        kept.since > since
        or meta.differences.reads | reject('in', kept.columns) | list
    ) -%}
        {%- set kept = none -%}
    {%- endif -%}
    {%- do run_query(
        'create or replace temp table ' ~ days ~ ' as ' ~ changed_units(
            node, since, [] if kept else [meta.units.fact], true, kept
        )
    ) -%}
    {%- set again = {
        'only': days_within(day, days),
        'units': '(select distinct ' ~ meta.units.columns.keys() | join(', ')
            ~ ' from ' ~ days ~ ')',
    } -%}
    {%- if meta.differences -%}
        {%- set columns = meta.differences.reads | join(', ') -%}
        {%- set whole = 'select ' ~ columns ~ ', 1::tinyint as way from '
            ~ meta.units.fact ~ ' as fact where ' ~ again.only -%}
        {%- set changed = ' union all select ' ~ columns ~ ', way from '
            ~ kept.relation ~ " where changed_at > timestamp '" ~ since ~ "' and "
            ~ meta.units.day ~ ' not in (select day from ' ~ days ~ ')'
            if kept else '' -%}
        {%- do again.update({'lines': '(' ~ whole ~ changed ~ ')'}) -%}
    {%- endif -%}
    {{ return(again) }}
{%- endmacro %}
