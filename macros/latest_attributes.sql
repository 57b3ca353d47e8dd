{#  The attributes of a member that a dimension overwrites (type 1): a relation of one
    row a member with the values of its last save, where `saves` has no changed_at
    of its last delivery.  #}
{% macro latest_attributes(saves, id, attributes) -%}
(
    select
        {{ durable_id(id) }} as {{ id.removeprefix('source_') }},
        {{ attributes | join(',\n        ') }}

    from {{ saves }}

    qualify
        row_number() over (
            partition by id_space, {{ id }}
            order by changed_at desc nulls last, loaded_at desc, batch_id desc
        ) = 1
)
{%- endmacro %}
