{#  The members of a dimension, special ones included: a relation that the dimension
    finishes.

    Real members are all that any delivery names; one that none describes is inferred.
    With `type_2` a member has one row a version, and current_<attribute> shows the
    last version beside each; recorded_at says when the version became known, which of
    a member that nothing describes is when its row did. Without, it has one row.
    Attributes that are missing read "Not given" where the system knows the member,
    "Unknown" where it is inferred, and the special member's own label on its row; the
    column `missing` has that word, for the attributes that the dimension adds.

    member: customer, product, store, cell, offer, … described_by: the entity that
    describes it. type_1: overwritten attributes, left null where missing; so are those
    of type_2 that are no text and stand in type_2_values instead. only: a relation
    with the column <member>_id, to which the members are narrowed, and which then also
    leaves out the special ones; all if none.  #}
{% macro dimension_members(
    member, described_by, type_1, type_2=[], type_2_values=[], only=none
) -%}
{%- set id = 'source_' ~ member ~ '_id' -%}
{%- set all_saves = ref('int_' ~ described_by) -%}
{%- set saves = 'saves' -%}
{%- set version = "coalesce(versions.valid_from, timestamp '1900-01-01')" -%}
{%- set kept = type_2 + type_2_values -%}
{%- set key_columns = ['members.' ~ member ~ '_id'] + ([version] if kept else []) -%}
(
    with

    saves as (

        select * from {{ all_saves }}
        {%- if only %}

        where {{ durable_id(id) }} in (select {{ member }}_id from {{ only }})
        {%- endif %}

    ),

    members as (

        select * from {{ named_members(saves, id, only) }}

    ),

    latest as (

        select * from {{ latest_attributes(saves, id, type_1) }}

    ),
    {% if kept %}
    versions as (

        select * from {{ type_2_versions(saves, id, kept) }}

    ),

    current_versions as (

        select * from versions

        where valid_to = timestamp '9999-12-31'

    ),
    {% endif %}
    real_members as (

        select
            {{ surrogate_key(key_columns) }} as {{ member }}_key,
            members.*,
            '{{ member }}' as member_type,
            case when members.is_inferred then 'Unknown' else 'Not given' end
                as missing,
            {% if kept -%}
            coalesce(versions.valid_from, timestamp '1900-01-01') as valid_from,
            coalesce(versions.valid_to, timestamp '9999-12-31') as valid_to,
            coalesce(versions.recorded_at, members.loaded_at) as recorded_at,
            {% endif -%}
            {% for attribute in kept -%}
            versions.{{ attribute }},
            current_versions.{{ attribute }} as current_{{ attribute }},
            {% endfor -%}
            {% for attribute in type_1 -%}
            latest.{{ attribute }}{{ ',' if not loop.last }}
            {% endfor %}
        from members

        left join latest
            on members.{{ member }}_id = latest.{{ member }}_id
        {% if kept %}
        left join versions
            on members.{{ member }}_id = versions.{{ member }}_id

        left join current_versions
            on members.{{ member }}_id = current_versions.{{ member }}_id
        {% endif %}
    ),

    special as (

        select
            member_key as {{ member }}_key,
            member_id as {{ member }}_id,
            'none' as source_system,
            'special' as member_type,
            member_label as missing,
            {% if kept -%}
            timestamp '1900-01-01' as valid_from,
            timestamp '9999-12-31' as valid_to,
            {% endif -%}
            false as is_inferred

        from {{ special_members() }}
        {%- if only %}

        where false
        {%- endif %}

    ),

    all_members as (

        select * from real_members

        union all by name

        select * from special

    )

    select
        * replace (
            {% for attribute in type_2 -%}
            coalesce({{ attribute }}, missing) as {{ attribute }},
            coalesce(current_{{ attribute }}, missing) as current_{{ attribute }},
            {% endfor -%}
            missing as missing
        ),
        {% if kept -%}
        valid_to = timestamp '9999-12-31' as is_current,
        {% endif -%}
        {{ id }} as source_record_id

    from all_members
)
{%- endmacro %}
