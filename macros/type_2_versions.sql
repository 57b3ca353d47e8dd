{#  The versions of a dimension's members, rebuilt from the history of extracts: a
    relation of one row a member and period in which none of the `kept` attributes
    changed. Ranges are half-open, [valid_from, valid_to).

    The first version is dated back to 1900, so that a sale before the first extract
    still meets its member. Of several saves at one moment, the last loaded counts; a
    save that changes nothing opens no version.

    recorded_at: when the newest save that lies in the version was loaded, also one that
    changes nothing. (Of several at one moment the one that counts is the newest.)

    saves: a canonical entity with id_space, changed_at, loaded_at, batch_id
    and source_record_id. id: its id column, source_<member>_id.  #}
{% macro type_2_versions(saves, id, kept) -%}
(
    with

    saves as (

        select
            id_space,
            {{ id }},
            {{ kept | join(',\n            ') }},
            coalesce(changed_at, timestamp '1900-01-01') as changed_at,
            loaded_at

        from {{ saves }}

        qualify
            row_number() over (
                partition by
                    id_space,
                    {{ id }},
                    coalesce(changed_at, timestamp '1900-01-01')
                order by loaded_at desc, batch_id desc, source_record_id desc
            ) = 1

    ),

    compared as (

        select
            *,
            row({{ kept | join(', ') }}) as attributes,
            lag(row({{ kept | join(', ') }})) over save_order as previous_attributes,
            row_number() over save_order as save_number

        from saves

        window save_order as (
            partition by id_space, {{ id }} order by changed_at
        )

    ),

    numbered as (

        select
            *,
            sum(
                (
                    save_number = 1 or attributes is distinct from previous_attributes
                )::integer
            ) over (
                partition by id_space, {{ id }} order by changed_at
            ) as version_number

        from compared

    ),

    changes as (

        select
            id_space,
            {{ id }},
            {% for attribute in kept -%}
            any_value({{ attribute }}) as {{ attribute }},
            {% endfor -%}
            case
                when version_number = 1 then timestamp '1900-01-01'
                else min(changed_at)
            end as valid_from,
            max(loaded_at) as recorded_at

        from numbered

        group by id_space, {{ id }}, version_number

    )

    select
        {{ durable_id(id) }} as {{ id.removeprefix('source_') }},
        {{ kept | join(',\n        ') }},
        valid_from,
        lead(valid_from, 1, timestamp '9999-12-31') over (
            partition by id_space, {{ id }} order by valid_from
        ) as valid_to,
        recorded_at

    from changes
)
{%- endmacro %}
