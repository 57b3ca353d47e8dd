{#  After a dimension is built: note which members aggregates put together by other
    values than before, and which are gone. Rows of a fact that point to a member that
    came or went have themselves changed, of which the fact tells the days.  #}
{% macro note_changed_members() %}
    {% set grouped = grouped_columns(model.name) %}
    {% set former = 'members_of_' ~ model.name %}
    {% if grouped and run_query("
        select count(*) from duckdb_tables()
        where temporary and table_name = '" ~ former ~ "'
    ").rows[0][0] %}
        {% set differs = ['present.' ~ grouped.key ~ ' is null'] %}
        {% for column in grouped.columns if column != grouped.key %}
            {% do differs.append(
                'former.' ~ column ~ ' is distinct from present.' ~ column
            ) %}
        {% endfor %}
        {% do run_query("
            insert into intermediate.changed_member
            select '" ~ model.name ~ "', former." ~ grouped.key ~ "::varchar, "
            ~ newest_load() ~ "
            from " ~ former ~ " as former
            left join " ~ this ~ " as present using (" ~ grouped.key ~ ")
            where " ~ differs | join(' or ')
        ) %}
        {% do run_query('drop table ' ~ former) %}
    {% endif %}
{% endmacro %}
