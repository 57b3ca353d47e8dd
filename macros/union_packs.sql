{#  All rows of an entity, from every pack that delivers it, latest delivery first.

    The YAML of int_<entity> is the contract: its columns, in its order, under its
    types. A column that a pack does not deliver is null unless the contract says
    `required`; then DuckDB stops and names it. A record that came in several
    deliveries counts once: as last changed where the entity knows changed_at, so that
    an old state that comes late wins over nothing, then as last loaded. Totals are no
    records.  #}
{% macro union_packs(entity) %}
    {%- set name = 'int_' ~ entity -%}
    {%- set columns = declared_columns('model.acrm.' ~ name, 'intermediate', name) -%}
    {%- set required = [] -%}
    {%- for column, declared in columns.items()
        if declared.required and column not in ['source_system', 'id_space'] -%}
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
            {%- if 'id_space' in columns %}
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

    {%- if entity != 'source_totals' %}

    qualify
        row_number() over (
            partition by source_system, source_record_id
            order by
                {%- if 'changed_at' in columns %}
                changed_at desc nulls last,
                {%- endif %}
                loaded_at desc,
                batch_id desc,
                source_file desc
        ) = 1
    {%- endif %}
{% endmacro %}
