{#  Before a dimension is built anew: keep by which values aggregates put its members
    together, for note_changed_members. Nothing is kept where the table in this file
    has not all of the columns: then its code has changed, and its aggregates start
    anew.  #}
{% macro keep_former_members() %}
    {% set grouped = grouped_columns(model.name) %}
    {% if grouped %}
        {% set former = 'members_of_' ~ model.name %}
        {% do run_query('drop table if exists temp.' ~ former) %}
        {% set wanted = [grouped.key] + grouped.columns %}
        {% set relation = load_relation(this) %}
        {% set columns = [] %}
        {% if relation %}
            {% set columns = adapter.get_columns_in_relation(relation) %}
        {% endif %}
        {% set names = columns | map(attribute='name') | list %}
        {% if not (wanted | reject('in', names) | list) %}
            {% do run_query(
                'create temp table ' ~ former ~ ' as
                select ' ~ wanted | unique | join(', ') ~ ' from ' ~ relation
            ) %}
        {% endif %}
    {% endif %}
{% endmacro %}
