{#  Every member that any entity names: a relation of one row a member.

    A member that only facts name is inferred: a fact came before its dimension, or
    the dimension never comes. described_by: entities that describe it; named_by:
    entities that only name it.  #}
{% macro named_members(id, described_by, named_by) -%}
(
    select
        {{ durable_id(id) }} as {{ id.removeprefix('source_') }},
        coalesce(
            min(source_system) filter (is_described), min(source_system)
        ) as source_system,
        id_space,
        {{ id }},
        not bool_or(is_described) as is_inferred,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from (
        {%- for entity in described_by + named_by %}
        select
            source_system,
            id_space,
            {{ id }},
            {{ entity in described_by }} as is_described,
            max(loaded_at) as loaded_at,
            max(batch_id) as batch_id

        from {{ ref('int_' ~ entity) }}

        where {{ id }} is not null

        group by source_system, id_space, {{ id }}
        {{ 'union all' if not loop.last }}
        {%- endfor %}
    )

    group by id_space, {{ id }}
)
{%- endmacro %}
