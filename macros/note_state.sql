{#  After each incremental model, in its transaction: note up to which load it has
    taken batches in, and let the raw views show all of them again.  #}
{% macro note_state() %}
    {% if not execute or 'nodes' not in graph or config.get('materialized') == 'view' %}
        {{ return('') }}
    {% endif %}
    {% if config.get('materialized') == 'incremental' %}
        {% if is_incremental() %}{% do refresh_keys() %}{% endif %}
        {% do run_query("
            delete from intermediate.model_state where model = '" ~ model.name ~ "'
        ") %}
        {% do run_query("
            insert into intermediate.model_state
            select
                '" ~ model.name ~ "',
                '" ~ code_hash(model.unique_id) ~ "',
                coalesce(max(loaded_at), timestamp '1900-01-01')
            from landing.load_batch
        ") %}
    {% endif %}
    {% set reads = raw_reads(model.unique_id) %}
    {% for system, table in reads.driving %}
        {% do run_query(
            'set variable ' ~ new_batches_variable(system, table) ~ ' = null::varchar[]'
        ) %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}
