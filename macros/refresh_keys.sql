{#  After an incremental fact: rows whose member got another history point to the
    version of their day again.

    config.meta `as_was` says at which instant the fact looked a member up: member ->
    an expression over the fact's columns. Where the member plays a second role, such
    as alternative_product, it is a dict instead: `at` that expression, `dimension`
    the member that it is, `id` and `key` the fact's columns. Only rows of members
    whose history has changed since the last build are looked at, and of those only
    what came after the first change, which the zone maps of a fact in the order of
    time find.  #}
{% macro refresh_keys() %}
    {% set state = model_state(graph.nodes[model.unique_id]) %}
    {% set rekeyed = 'rekeyed_' ~ model.name %}
    {% for role, looked_up in config.get('meta', {}).get('as_was', {}).items() %}
        {% set looked_up = {'at': looked_up} if looked_up is string else looked_up %}
        {% set member = looked_up.get('dimension', role) %}
        {% set id = looked_up.get('id', role ~ '_id') %}
        {% set key = looked_up.get('key', role ~ '_key') %}
        {% set dimension = 'dim_' ~ member %}
        {% set changed = "
            from intermediate.changed_version
            where
                dimension = '" ~ dimension ~ "'
                and changed_at > timestamp '" ~ state.loaded_through ~ "'
        " %}
        {% set first_change = run_query(
            'select min(changed_from)::varchar' ~ changed
        ).rows[0][0] %}
        {% if first_change %}
            {% do run_query('
                create or replace temp table ' ~ rekeyed ~ ' as
                select
                    facts.rowid as row_id,
                    versions.' ~ member ~ '_key as version_key,
                    facts.date_key
                from ' ~ this ~ ' as facts
                inner join ' ~ former(dimension) ~ ' as versions
                    on
                        facts.' ~ id ~ ' = versions.' ~ member ~ '_id
                        and ' ~ looked_up.at ~ ' >= versions.valid_from
                        and ' ~ looked_up.at ~ ' < versions.valid_to
                where
                    facts.' ~ key ~ ' <> versions.' ~ member ~ '_key
                    and ' ~ looked_up.at ~ " >= timestamp '" ~ first_change ~ "'
                    and versions." ~ member ~ '_id in (select member_id ' ~ changed ~ ')
            ') %}
            {% do keep_rekeyed(key, rekeyed) %}
            {% do run_query('
                update ' ~ this ~ ' as facts
                set ' ~ key ~ ' = rekeyed.version_key
                from ' ~ rekeyed ~ ' as rekeyed
                where facts.rowid = rekeyed.row_id
            ') %}
            {% do run_query("
                insert into intermediate.changed_day
                select distinct
                    '" ~ model.name ~ "',
                    date_key,
                    true,
                    " ~ newest_load() ~ "
                from " ~ rekeyed
            ) %}
            {% do run_query('drop table ' ~ rekeyed) %}
        {% endif %}
    {% endfor %}
{% endmacro %}
