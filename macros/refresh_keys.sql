{#  After an incremental fact: rows whose member got another history point to the
    version of their day again.

    config.meta `as_was` says at which instant the fact looked a member up: member ->
    an expression over the fact's columns. Only members of whom a batch since the
    last build says something are looked at; all, where that cannot be told because
    the dimension's pack looks things up in a raw table that has news.  #}
{% macro refresh_keys() %}
    {% set state = model_state(graph.nodes[model.unique_id]) %}
    {% for member, instant in config.get('meta', {}).get('as_was', {}).items() %}
        {% set dimension = 'dim_' ~ member %}
        {% set unsure = [] %}
        {% for system, table in raw_reads('model.acrm.' ~ dimension).lookups
            if new_batches(system, table, state.loaded_through) %}
            {% do unsure.append(table) %}
        {% endfor %}
        {% call statement('refresh_' ~ member) %}
            update {{ this }} as facts
            set {{ member }}_key = versions.{{ member }}_key
            from {{ former(dimension) }} as versions
            where
                facts.{{ member }}_id = versions.{{ member }}_id
                and {{ instant }} >= versions.valid_from
                and {{ instant }} < versions.valid_to
                and facts.{{ member }}_key <> versions.{{ member }}_key
                {% if not unsure %}
                and versions.loaded_at > timestamp '{{ state.loaded_through }}'
                {% endif %}
        {% endcall %}
    {% endfor %}
{% endmacro %}
