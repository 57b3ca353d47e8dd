{#  Note of the view in hand by which SQL it was made, so that a later build can make it
    again without asking what it reads: see `restore_views`.  #}
{% macro remember_view(definition) %}
    {% if execute and graph.keeps_state and flags.WHICH == 'build' %}
        {% do run_query("
            delete from intermediate.known_view where view = '" ~ model.unique_id ~ "';
            insert into intermediate.known_view
            values (
                '" ~ model.unique_id ~ "',
                '" ~ definition | replace("'", "''") ~ "'
            )
        ") %}
    {% endif %}
{% endmacro %}
