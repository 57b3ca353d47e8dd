{#  What an aggregate with config.meta `units` has to do again: a dict with `only`, the
    condition of the rows of the fact, and `units`, the relation of the units; only of
    use where is_incremental(). The days are told in `only` as ranges, so that only that
    part of the fact is read; of very many, the first and the last are.

    day: the fact's column of the day, as the query calls it.  #}
{% macro units_to_redo(day) -%}
    {%- set node = graph.nodes[model.unique_id] -%}
    {%- set days = 'days_of_' ~ model.name -%}
    {%- do run_query(
        'create or replace temp table ' ~ days ~ ' as ' ~ changed_units(
            node, model_state(node).loaded_through, [node.config.meta.units.fact], true
        )
    ) -%}
    {{ return({
        'only': days_within(day, days),
        'units': '(select distinct '
            ~ node.config.meta.units.columns.keys() | join(', ')
            ~ ' from ' ~ days ~ ')',
    }) }}
{%- endmacro %}
