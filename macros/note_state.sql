{#  After each model, in its transaction: note of an incremental one up to which load it
    has taken batches in, of a dimension whose history changed, and let the raw views
    show all batches again.  #}
{% macro note_state() %}
    {% if not execute or 'nodes' not in graph or config.get('materialized') == 'view' %}
        {{ return('') }}
    {% endif %}
    {% do note_changed_versions() %}
    {% do note_changed_members() %}
    {% if config.get('materialized') == 'incremental' %}
        {% if is_incremental() %}
            {% do refresh_keys() %}
        {% else %}
            {% do run_query("
                insert into intermediate.changed_day
                select '" ~ model.name ~ "', null, true, " ~ newest_load()
            ) %}
            {% if kept_columns(model.name) %}
                {% do run_query(drop_changes(model.name)) %}
            {% endif %}
            {% set tests = [] %}
            {% for test in graph.nodes.values()
                if test.resource_type == 'test'
                and model.unique_id in test.depends_on.nodes %}
                {% do tests.append(test.unique_id) %}
                {% do graph.get('test_states', {}).pop(test.unique_id, none) %}
            {% endfor %}
            {% do run_query("
                delete from intermediate.test_state
                where test in ('" ~ tests | join("', '") ~ "')
            ") %}
        {% endif %}
        {% do run_query("
            delete from intermediate.model_state where model = '" ~ model.name ~ "'
        ") %}
        {% do run_query("
            insert into intermediate.model_state
            select
                '" ~ model.name ~ "',
                '" ~ code_hash(model.unique_id) ~ "',
                " ~ newest_load()
        ) %}
        {% do graph.get('model_states', {}).pop(model.name, none) %}
    {% endif %}
    {% set reads = raw_reads(model.unique_id) %}
    {% for system, table in reads.driving %}
        {% do show_batches(system, table) %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}
