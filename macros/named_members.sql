{#  Every member that is described or named anywhere: a relation of one row a member.

    A member that is only named is inferred: a fact came before its dimension, or the
    dimension never comes. saves: the entity that describes it. id: its id column,
    source_<member>_id. only: a relation with the column <member>_id, to which the
    members are narrowed; all if none.  #}
{% macro named_members(saves, id, only=none) -%}
{%- set member = id.removeprefix('source_').removesuffix('_id') -%}
(
    with

    described as (

        select
            {{ durable_id(id) }} as {{ member }}_id,
            id_space,
            {{ id }},
            arg_max(source_system, loaded_at) as source_system,
            max(loaded_at) as loaded_at,
            arg_max(batch_id, loaded_at) as batch_id

        from {{ saves }}

        where {{ id }} is not null

        group by id_space, {{ id }}

    ),

    named as (

        select * from {{ ref('int_named_members') }}

        where
            member = '{{ member }}'
            {%- if only %}
            and member_id in (select {{ member }}_id from {{ only }})
            {%- endif %}

    )

    select
        coalesce(described.{{ member }}_id, named.member_id) as {{ member }}_id,
        coalesce(described.source_system, named.source_system) as source_system,
        coalesce(described.id_space, named.id_space) as id_space,
        coalesce(described.{{ id }}, named.source_member_id) as {{ id }},
        described.{{ member }}_id is null as is_inferred,
        coalesce(described.loaded_at, named.loaded_at) as loaded_at,
        coalesce(described.batch_id, named.batch_id) as batch_id

    from described

    full join named
        on described.{{ member }}_id = named.member_id
)
{%- endmacro %}
