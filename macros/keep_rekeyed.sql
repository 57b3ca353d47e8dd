{#  Keep the rows of a fact whose key is about to be set anew as gone, and as come with
    the new one, for aggregates that read that key.  #}
{% macro keep_rekeyed(key, rekeyed) %}
    {% set kept = kept_changes(model.name) if kept_columns(model.name) else none %}
    {% if kept and key in kept.columns %}
        {% if are_few_changes('(select count(*) from ' ~ rekeyed ~ ')', this) %}
            {% set columns = kept.columns | join(', ') %}
            {% do run_query('
                insert into ' ~ kept.relation ~ '
                with

                going as materialized (

                    select rowid as row_id, ' ~ columns ~ '
                    from ' ~ this ~ '
                    where rowid in (select row_id from ' ~ rekeyed ~ ')

                )

                select ' ~ columns ~ ', -1, ' ~ newest_load() ~ '
                from going
                union all
                select ' ~ columns ~ ', 1, ' ~ newest_load() ~ '
                from (
                    select going.* replace (rekeyed.version_key as ' ~ key ~ ')
                    from going
                    inner join ' ~ rekeyed ~ ' as rekeyed using (row_id)
                )
            ') %}
        {% else %}
            {% do run_query(drop_changes(model.name)) %}
        {% endif %}
    {% endif %}
{% endmacro %}
