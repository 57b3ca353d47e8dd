{#  A view over the Parquet files of a glob, or over nothing under the same columns.

    narrowed_by: for a raw table, the session variable that names the batches to show,
    whose folders are all that is then read; uncommitted batches are never shown. only:
    a condition on its columns, for a part of a log.  #}
{% macro create_parquet_view(
    schema, name, glob, columns, committed_only, exists=none, narrowed_by=none,
    only=none
) %}
    {% if exists is none %}
        {% set found = run_query("select count(*) from glob('" ~ glob ~ "')") %}
        {% set exists = found.rows[0][0] > 0 %}
    {% endif %}
    {% set view_sql %}
        create or replace view {{ schema }}.{{ name }} as
        select
            {% for column, data_type in columns.items() %}
            "{{ column }}"::{{ data_type }} as "{{ column }}"{{ ',' if not loop.last }}
            {% endfor %}
        from (
            select
                {% for column, data_type in columns.items() %}
                null::{{ data_type }} as "{{ column }}",
                {% endfor %}
                null::varchar as filename
            where false
            {% if exists %}
            union all by name
            select *
            from read_parquet('{{ glob }}', union_by_name = true, filename = true)
            {% endif %}
        )
        {% if committed_only %}
        where
            _batch_id in (select batch_id from landing.load_batch)
            {% if narrowed_by %}
            and (
                getvariable('{{ narrowed_by }}') is null
                or list_contains(
                    getvariable('{{ narrowed_by }}'), split_part(filename, '/', -2)
                )
            )
            {% endif %}
        {% elif only %}
        where {{ only }}
        {% endif %}
    {% endset %}
    {% do run_query(view_sql) %}
{% endmacro %}
