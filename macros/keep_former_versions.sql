{#  Before a dimension with versions is built anew: keep which versions it had, for
    note_changed_versions. A file that has none yet has no facts either.  #}
{% macro keep_former_versions() %}
    {% set columns = versioned_dimension(model) %}
    {% if columns %}
        {% do run_query('create or replace temp table former_' ~ model.name ~ ' as '
            ~ (
                'select ' ~ columns.key ~ ' as version_key, ' ~ columns.id
                ~ ' as member_id, valid_from from ' ~ this
                if load_relation(this)
                else "select 0::bigint as version_key, '' as member_id,
                    timestamp '1900-01-01' as valid_from where false"
            )
        ) %}
    {% endif %}
{% endmacro %}
