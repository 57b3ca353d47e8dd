{#  Which units of an aggregate the test in hand has still to look at: the ones that
    changed since it passed. A dict with `only`, the condition of the rows of the fact,
    and `kept`, that of the rows of the aggregate; both `true` where it never passed,
    see `untested`.

    day: the fact's column of the day, as the query calls it; without it, `only` is
    none.  #}
{% macro untested_units(relation, day=none) -%}
    {%- set everything = {'only': 'true', 'kept': 'true'} -%}
    {%- if not execute or 'nodes' not in graph
        or flags.WHICH not in ['build', 'test'] -%}
        {{ return(everything) }}
    {%- endif -%}
    {%- set node = graph.nodes['model.acrm.' ~ relation.identifier] -%}
    {%- set through = tested_through(model) -%}
    {%- set units = node.config.meta.units -%}
    {%- if not through or node.config.materialized != 'incremental' -%}
        {{ return(everything) }}
    {%- endif -%}
    {%- set days = '(' ~ changed_units(node, through, [units.fact, node.name]) ~ ')' -%}
    {%- set same = [] -%}
    {%- for title in units.columns -%}
        {%- do same.append(
            'changed.' ~ title ~ ' is not distinct from ' ~ node.name ~ '.' ~ title
        ) -%}
    {%- endfor -%}
    {{ return({
        'only': days_within(day, days) if day else none,
        'kept': 'exists (
            select 1 from ' ~ days ~ ' as changed where ' ~ same | join(' and ') ~ '
        )',
    }) }}
{%- endmacro %}
