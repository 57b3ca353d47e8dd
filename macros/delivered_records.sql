{#  All rows of an entity, from every pack that delivers it, as often as they came.

    The YAML of int_<entity> is the contract: its columns, in its order, under its
    types. A column that a pack does not deliver is null unless the contract says
    `required`; then DuckDB stops and names it.  #}
{% macro delivered_records(entity) %}
    {%- set name = 'int_' ~ entity -%}
    {%- set columns = declared_columns('model.acrm.' ~ name, 'intermediate', name) -%}
    {%- set filled_in = ['source_system', 'id_space'] -%}
    {%- set required = [] -%}
    {%- for column, declared in columns.items()
        if declared.required and column not in filled_in -%}
        {%- do required.append(column) -%}
    {%- endfor %}

    select
        {%- for column, declared in columns.items() %}
        {{ column }}::{{ declared.data_type }} as {{ column }}{{ ',' if not loop.last }}
        {%- else %}
        *
        {%- endfor %}

    from (
        select
            {%- for column, declared in columns.items() %}
            null::{{ declared.data_type }} as {{ column }}{{ ',' if not loop.last }}
            {%- else %}
            null as source_system
            {%- endfor %}

        where false
        {%- for system in var('packs') if pack_delivers(system, entity) %}

        union all by name

        select
            '{{ system }}' as source_system,
            {%- if entity != 'source_totals' %}
            '{{ pack_id_space(system) }}' as id_space,
            {%- endif %}
            {%- if required %}
            {{ required | join(',\n            ') }},
            * exclude ({{ required | join(', ') }})
            {%- else %}
            *
            {%- endif %}

        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
        {%- endfor %}
    )
{% endmacro %}
