{#  All rows of an entity, from every pack that delivers it, latest delivery first.

    The YAML of int_<entity> is the contract: its columns, in its order, under its
    types. A column that a pack does not deliver is null unless the contract says
    `required`; then DuckDB stops and names it. A record that came in several
    deliveries counts once, as last loaded.  #}
{% macro union_packs(entity) %}
    {%- set columns = {} -%}
    {%- if execute -%}
        {%- set columns = graph.nodes['model.acrm.int_' ~ entity].columns -%}
    {%- endif -%}
    {%- set own = ['source_system'] -%}
    {%- set systems = [] -%}
    {%- for system in var('packs') if pack_delivers(system, entity) -%}
        {%- do systems.append(system) -%}
    {%- endfor -%}

    select
        {%- for column in columns.values() %}
        {{ column.name }}::{{ column.data_type }} as {{ column.name }}{{ ',' if not loop.last }}
        {%- else %}
        *
        {%- endfor %}

    from (
        select
            {%- for column in columns.values() %}
            null::{{ column.data_type }} as {{ column.name }}{{ ',' if not loop.last }}
            {%- else %}
            1 as parsed_only
            {%- endfor %}

        where false
        {%- for system in systems %}

        union all by name

        select
            '{{ system }}' as source_system,
            {%- for column in columns.values()
                if column.config.meta.required and column.name not in own %}
            {{ column.name }},
            {%- endfor %}
            * exclude (
                {%- for column in columns.values()
                    if column.config.meta.required and column.name not in own %}
                {{ column.name }}{{ ',' if not loop.last }}
                {%- else %}
                parsed_only
                {%- endfor %}
            )

        from {{ ref('stg_' ~ system ~ '__' ~ entity) }}
        {%- endfor %}
    )

    {% if 'source_record_id' in columns %}
    qualify
        row_number() over (
            partition by source_system, source_record_id
            order by loaded_at desc, batch_id desc
        ) = 1
    {% endif %}
{% endmacro %}
