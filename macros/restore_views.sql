{#  Before anything is built: make the views that `acrm` found to be as they were, and
    leaves out of the build; all in one statement, in the order that it says.  #}
{% macro restore_views() %}
    {% if not execute or flags.WHICH != 'build' %}
        {{ return('') }}
    {% endif %}
    {% set definitions = run_query('
        select definition from intermediate.view_to_restore order by position
    ').columns[0].values() | list %}
    {% if definitions %}
        {% set schemas = [] %}
        {% for node in graph.nodes.values()
            if node.config.materialized == 'view' and node.schema not in schemas %}
            {% do schemas.append(node.schema) %}
        {% endfor %}
        {% for schema in schemas %}
            {% do run_query('create schema if not exists ' ~ schema) %}
        {% endfor %}
        {% do run_query(definitions | join(';\n')) %}
        {% do run_query('delete from intermediate.view_to_restore') %}
    {% endif %}
    {{ return('') }}
{% endmacro %}
