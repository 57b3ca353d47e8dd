{#  Leave what each node of a run did: a row a model, seed, snapshot or test, with the
    rows of its table after the run, or of a test the rows that break it. Counting a
    table reads its metadata only. Hooks are left out.  #}
{% macro log_run_nodes(results) %}
    {% set rows = [] %}
    {% set kinds = ['model', 'seed', 'snapshot', 'test'] %}
    {% for result in results if result.node.resource_type | string in kinds %}
        {% set row_count = 'null' %}
        {% if result.node.resource_type | string == 'test' %}
            {% set row_count = 'null' if result.failures is none else result.failures %}
        {% elif result.status | string == 'success'
            and result.node.config.materialized != 'view'
            and result.node.config.materialized != 'ephemeral' %}
            {% set relation = api.Relation.create(
                database=result.node.database,
                schema=result.node.schema,
                identifier=result.node.alias,
            ) %}
            {% set row_count = '(select count(*) from ' ~ relation ~ ')' %}
        {% endif %}
        {% do rows.append(
            "('" ~ invocation_id ~ "', '" ~ result.node.name ~ "', '"
            ~ result.node.resource_type ~ "', '" ~ result.status ~ "', "
            ~ result.execution_time ~ ", " ~ row_count ~ ')'
        ) %}
    {% endfor %}
    {% set home = warehouse_home() %}
    {% set columns = landing_columns()['dbt_run_node'] %}
    {% if rows %}
        {% do run_query("
            copy (
                select
                    run_id,
                    node_name,
                    node_kind,
                    status,
                    seconds::double as seconds,
                    row_count::bigint as row_count
                from (values " ~ rows | join(', ') ~ ")
                    as nodes (" ~ columns | join(', ') ~ ")
            ) to '" ~ home ~ "/runs/nodes/" ~ invocation_id ~ ".parquet'
            (format parquet)
        ") %}
    {% endif %}
    {% do create_parquet_view(
        'landing', 'dbt_run_node', home ~ '/runs/nodes/*.parquet', columns, false
    ) %}
{% endmacro %}
