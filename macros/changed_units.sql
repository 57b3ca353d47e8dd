{#  Which units of time of an aggregate have changed since a load: SQL of all their
    days, with the columns `day` and, named as those of the aggregate, those of the
    unit.

    node: a model with config.meta `units`: {'fact': the model that it is made of,
    'day': the fact's column of the day, 'columns': {its own column: the column of
    `dates`}}; 'dates' and 'key' are the dimension of days and its key, unless the unit
    is the day. meta `grouped_by` names for each dimension by whose columns rows are
    put together its 'key', those 'columns', and the columns of the fact that point to
    it ('of').

    models: whose changed days count. members: whether those of members count as well
    that are put together otherwise than before.  #}
{% macro changed_units(node, since, models, members=false) -%}
    {%- set units = node.config.meta.units -%}
    {%- set since = "timestamp '" ~ since ~ "'" -%}
    {%- set changed = ["
        select date_key as day
        from intermediate.changed_day
        where
            model in ('" ~ models | join("', '") ~ "')
            and date_key is not null
            and changed_at > " ~ since
    ] -%}
    {%- for dimension, grouped in (node.config.meta.grouped_by or {}).items()
        if members -%}
        {%- set others = " from intermediate.changed_member
            where dimension = '" ~ dimension ~ "' and changed_at > " ~ since -%}
        {%- if run_query('select count(*)' ~ others).rows[0][0] -%}
            {%- set columns = graph.nodes['model.acrm.' ~ dimension].columns -%}
            {%- set type = columns[grouped.key].data_type -%}
            {%- for column in grouped.of -%}
                {%- do changed.append(
                    'select ' ~ units.day ~ ' as day from ' ~ former(units.fact)
                    ~ ' where ' ~ column ~ ' in (select member_key::' ~ type
                    ~ others ~ ')'
                ) -%}
            {%- endfor -%}
        {%- endif -%}
    {%- endfor -%}
    {%- set changed = changed | join(' union ') -%}
    {%- if not units.dates -%}
        {%- set names = units.columns.keys() | list -%}
        {{ return(
            'select distinct day, day as ' ~ names[0] ~ ' from (' ~ changed ~ ')'
        ) }}
    {%- endif -%}
    {%- set titles = [] -%}
    {%- set same = [] -%}
    {%- for title, column in units.columns.items() -%}
        {%- do titles.append('days.' ~ column ~ ' as ' ~ title) -%}
        {%- do same.append(
            'days.' ~ column ~ ' is not distinct from changed.' ~ column
        ) -%}
    {%- endfor -%}
    {{ return(
        'select days.' ~ units.key ~ ' as day, ' ~ titles | join(', ')
        ~ ' from ' ~ former(units.dates) ~ ' as days where exists (
            select 1 from ' ~ former(units.dates) ~ ' as changed
            where ' ~ same | join(' and ') ~ '
                and changed.' ~ units.key ~ ' in (select day from (' ~ changed ~ '))
        )'
    ) }}
{%- endmacro %}
