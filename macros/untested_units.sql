{#  Which units of an aggregate the test in hand has still to look at: the ones that
    changed since it passed. A dict with `only`, the condition of the rows of the fact,
    and `kept`, that of the rows of the aggregate; both `true` where it never passed,
    see `untested`.

    A test that reads the fact as well looks, of an aggregate with config.meta
    `differences`, at the units that were done whole, and of the others at some 31 days,
    drawn anew each night: else it would read all of the fact for a few rows of each
    day, which is what differences spare.

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
    {%- set names = units.columns.keys() | join(', ') -%}
    {%- if day and node.config.meta.differences -%}
        {%- set days -%}
        (
            select
                day,
                {{ names }}
            from (
                select
                    *,
                    sum(day_count) over (
                        order by
                            is_whole desc, hash({{ names }}, {{ newest_load() }}),
                            {{ names }}
                        rows between unbounded preceding and 1 preceding
                    ) as days_before
                from (
                    select
                        {{ names }},
                        list(day) as days,
                        count(*) as day_count,
                        bool_or(
                            day in (
                                select date_key from intermediate.changed_day
                                where
                                    model = '{{ node.name }}'
                                    and is_rekeyed
                                    and date_key is not null
                                    and changed_at > timestamp '{{ through }}'
                            )
                        ) as is_whole
                    from {{ days }}
                    group by {{ names }}
                )
            )
            cross join unnest(days) as each_day (day)
            where is_whole or coalesce(days_before, 0) < 31
        )
        {%- endset -%}
    {%- endif -%}
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
