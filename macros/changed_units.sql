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
    that are put together otherwise than before, or are gone. kept: the changes that the
    fact kept, if any: a row that went may have been of such a member.  #}
{% macro changed_units(node, since, models, members=false, kept=none) -%}
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
        {%- set columns = graph.nodes['model.acrm.' ~ dimension].columns -%}
        {%- set type = columns[grouped.key].data_type -%}
        {%- set others = '(select member_key::' ~ type ~ ' as member_key' ~ others
            ~ ')' -%}
        {#- the fact has rows of those alone that are still there #}
        {%- set still_there = 'select member_key from ' ~ others
            ~ ' semi join ' ~ former(dimension) ~ ' as members on member_key = members.'
            ~ grouped.key -%}
        {%- set asked = {} -%}
        {%- if run_query('select count(*) from (' ~ still_there ~ ')').rows[0][0] -%}
            {%- do asked.update({former(units.fact) | string: still_there}) -%}
        {%- endif -%}
        {%- if kept -%}
            {%- set changes = '(select * from ' ~ kept.relation
                ~ ' where changed_at > ' ~ since ~ ')' -%}
            {%- do asked.update({changes: 'select member_key from ' ~ others}) -%}
        {%- endif -%}
        {%- for rows, members_of in asked.items() -%}
            {%- for column in grouped.of -%}
                {%- do changed.append(
                    'select ' ~ units.day ~ ' as day from ' ~ rows
                    ~ ' where ' ~ column ~ ' in (' ~ members_of ~ ')'
                ) -%}
            {%- endfor -%}
        {%- endfor -%}
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
