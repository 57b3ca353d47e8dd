{#  Show every committed batch of the raw zone as a view, before anything is built.

    A source table of loader `acrm` becomes raw_<system>.<table>: the Parquet files
    of all batches that the batch log knows, under the types of its contract; and the
    same once more as <table>__all, which an incremental model never narrows. A
    table that was never loaded is an empty view of the same columns, so that a
    build needs no data to be a build.

    With the variable `as_known_on` only what was loaded by then is shown: batches,
    their rows and their quarantine, and the runs that had started.  #}
{% macro create_raw_views() %}
    {% if not execute or flags.WHICH not in [
        'build', 'run', 'test', 'seed', 'source-freshness', 'freshness',
        'run-operation',
    ] %}
        {{ return('') }}
    {% endif %}
    {% set home = warehouse_home() %}
    {% set known_on = as_known_on() %}
    {% do hold_to_instant(known_on) %}
    {% set folders = [] %}
    {% set loaded_tables %}
        select distinct
            regexp_replace(replace(file, chr(92), '/'), '/[^/]+/[^/]+$', '') as folder
        from glob('{{ home }}/raw/*/*/*/*.parquet')
    {% endset %}
    {% for row in run_query(loaded_tables) %}
        {% do folders.append(row.folder | replace("'", "''")) %}
    {% endfor %}

    {% do run_query('create schema if not exists landing') %}
    {% do create_state_tables() %}
    {% for name, columns in landing_columns().items() %}
        {% set files = {
            'load_batch': '/batches/*.parquet',
            'dbt_run': '/runs/*.parquet',
            'dbt_run_node': '/runs/nodes/*.parquet',
            'quarantine': '/quarantine/*/*/*/*.parquet',
        }[name] %}
        {% do create_parquet_view(
            'landing',
            {'load_batch': 'batch_record'}.get(name, name),
            home ~ files,
            columns,
            name == 'quarantine',
            only={
                'dbt_run': "started_at <= timestamp '" ~ known_on ~ "'",
                'dbt_run_node': 'run_id in (select run_id from landing.dbt_run)',
            }.get(name) if known_on,
        ) %}
        {% if name == 'load_batch' %}
            {# one picture of what is loaded for the whole run #}
            {% do run_query('
                create or replace table landing.batch_log as from landing.batch_record
                ' ~ ("where loaded_at <= timestamp '" ~ known_on ~ "'" if known_on)
            ) %}
            {% do run_query('
                create or replace view landing.load_batch as from landing.batch_log
            ') %}
        {% endif %}
    {% endfor %}

    {% for source in graph.sources.values() | selectattr('loader', 'equalto', 'acrm') %}
        {% set columns = {} %}
        {% for column in source.columns.values() %}
            {% do columns.update({column.name: column.data_type}) %}
        {% endfor %}
        {% do columns.update(raw_zone_columns()) %}
        {% do run_query('create schema if not exists ' ~ source.schema) %}
        {% set folder = home ~ '/raw/' ~ source.source_name ~ '/' ~ source.name %}
        {% for name, narrowed_by in [
            (source.name, new_batches_variable(source.source_name, source.name)),
            (source.name ~ '__all', none),
        ] %}
            {% do create_parquet_view(
                source.schema,
                name,
                folder ~ '/*/*.parquet',
                columns,
                true,
                folder in folders,
                narrowed_by,
            ) %}
        {% endfor %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}
