{#  Leave in the warehouse home one row a run, whoever started it, and one a node of it:
    a file each. A build as known on a past date leaves none: it is no run of the
    warehouse, and its file says what it is.  #}
{% macro log_run(results) %}
    {% if not execute or as_known_on()
        or flags.WHICH not in ['build', 'run', 'test'] %}
        {{ return('') }}
    {% endif %}
    {% set counts = {'pass': 0, 'warn': 0, 'fail': 0, 'skip': 0} %}
    {% for result in results %}
        {% set outcome = {
            'pass': 'pass', 'success': 'pass', 'warn': 'warn', 'skipped': 'skip',
            'no-op': 'pass', 'partial success': 'fail',
        }.get(result.status | string, 'fail') %}
        {% do counts.update({outcome: counts[outcome] + 1}) %}
    {% endfor %}
    {% set status = 'fail' if counts.fail else 'warn' if counts.warn else 'pass' %}
    {% set started_at = run_started_at.strftime('%Y-%m-%d %H:%M:%S.%f') %}
    {% set home = warehouse_home() %}
    {% do run_query("
        copy (
            select
                '" ~ invocation_id ~ "' as run_id,
                'dbt " ~ flags.WHICH ~ "' as command,
                timestamp '" ~ started_at ~ "' as started_at,
                (current_timestamp at time zone 'UTC')::timestamp as ended_at,
                '" ~ status ~ "' as status,
                " ~ counts.pass ~ "::bigint as nodes_passed,
                " ~ counts.warn ~ "::bigint as nodes_warned,
                " ~ counts.fail ~ "::bigint as nodes_failed,
                " ~ counts.skip ~ "::bigint as nodes_skipped,
                '" ~ dbt_version ~ "' as dbt_version
        ) to '" ~ home ~ "/runs/" ~ invocation_id ~ ".parquet' (format parquet)
    ") %}
    {% set columns = landing_columns()['dbt_run'] %}
    {% do create_parquet_view(
        'landing', 'dbt_run', home ~ '/runs/*.parquet', columns, false
    ) %}
    {% do log_run_nodes(results) %}
    {{ return('') }}
{% endmacro %}
