{#  Before each model: let it read all of the raw zone, or, where it is incremental and
    reads through views, only the batches that are new to it. A hook of every model,
    so that none inherits what another has set.  #}
{% macro narrow_raw_views() %}
    {% if not execute or 'nodes' not in graph or config.get('materialized') == 'view' %}
        {{ return('') }}
    {% endif %}
    {% do keep_former_versions() %}
    {% do keep_former_members() %}
    {% set reads = raw_reads(model.unique_id) %}
    {% set state = none %}
    {% if is_incremental() and not config.get('meta', {}).get('reads_all_batches') %}
        {% set state = model_state(graph.nodes[model.unique_id]) %}
    {% endif %}
    {% for system, table in reads.driving + reads.lookups %}
        {% if state is none or [system, table] in reads.lookups %}
            {% do show_batches(system, table) %}
        {% else %}
            {% do show_batches(
                system, table, new_batches(system, table, state.loaded_through)
            ) %}
        {% endif %}
    {% endfor %}
    {{ return('') }}
{% endmacro %}
