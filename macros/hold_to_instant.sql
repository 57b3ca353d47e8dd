{#  Hold a build file to one instant: built as known on a past one, it keeps to it, and
    the file that is published never goes back. What a build remembers of the one can
    thus never mix with the other.

    instant: up to which load this run knows the raw zone; empty for all.  #}
{% macro hold_to_instant(instant) %}
    {% set found = run_query("
        select
            coalesce(bool_or(table_name = 'known_on'), false) as is_past,
            coalesce(bool_or(table_name in ('batch_log', 'model_state')), false)
                as is_build
        from duckdb_tables()
        where
            database_name = current_database()
            and (schema_name, table_name) in (
                ('landing', 'known_on'),
                ('landing', 'batch_log'),
                ('intermediate', 'model_state')
            )
    ").rows[0] %}
    {% set present = '' %}
    {% if found.is_past %}
        {% set present =
            run_query('select known_on::varchar from landing.known_on').rows[0][0] %}
    {% elif instant and not found.is_build %}
        {% do run_query('create schema if not exists landing') %}
        {% do run_query("
            create table landing.known_on as
            select timestamp '" ~ instant ~ "' as known_on
        ") %}
        {% set present = instant %}
    {% endif %}
    {% if present != instant %}
        {{ exceptions.raise_compiler_error(
            "The build file holds what was known "
            ~ ('on ' ~ present if present else 'at its last build')
            ~ ", and this run is " ~ (
                'as known on ' ~ instant if instant else 'of all that is known now'
            ) ~ ". One file is for one instant: set ACRM_DATABASE to another file"
            ~ (", or run `acrm build --as-known-on`, which has one of its own."
               if instant else ", or give the variable as_known_on as it was.")
        ) }}
    {% endif %}
    {{ return('') }}
{% endmacro %}
