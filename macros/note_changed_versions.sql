{#  After a dimension with versions is built: note of whom it tells another history, and
    from which instant on. The key of a version stands for its member and its beginning,
    so nobody's history changed whose keys are the same; facts before the first key that
    came or went still meet the version that they met. No fact names a member that is
    new to the dimension, which would have inferred it.  #}
{% macro note_changed_versions() %}
    {% set columns = versioned_dimension(model) %}
    {% if columns %}
        {% do run_query("
            insert into intermediate.changed_version
            select
                '" ~ model.name ~ "',
                coalesce(former.member_id, present." ~ columns.id ~ ") as member_id,
                min(coalesce(former.valid_from, present.valid_from)),
                " ~ newest_load() ~ "
            from former_" ~ model.name ~ " as former
            full join " ~ this ~ " as present
                on former.version_key = present." ~ columns.key ~ "
            where
                (former.version_key is null or present." ~ columns.key ~ " is null)
                and coalesce(former.member_id, present." ~ columns.id ~ ") in (
                    select member_id from former_" ~ model.name ~ "
                )
            group by coalesce(former.member_id, present." ~ columns.id ~ ")
        ") %}
        {% do run_query('drop table former_' ~ model.name) %}
    {% endif %}
{% endmacro %}
