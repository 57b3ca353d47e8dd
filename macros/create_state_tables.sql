{#  What incremental models remember beside their own tables, in schema intermediate:

    model_state      a model -> its code_hash when it was last rebuilt; loaded_through,
                     up to which load it has taken batches in
    test_state       a data test that passed -> its test_hash then; passed_through, up
                     to which load
    replaced_row     whom and which day a replaced row was about
    changed_version  members of whom a dimension tells another history than before, and
                     the first instant at which it differs
    known_view       a view -> the SQL that makes it
    changed_member   members of a dimension that aggregates put together by other
                     values than before
    kept_changes     a fact -> of which columns it keeps the rows that came and went,
                     and since when, in changes_of_<fact>
    changed_day      days of a fact on which rows came, went or changed; is_rekeyed, if
                     also rows of earlier loads, or of an aggregate, if it was done
                     whole; no day stands for all

    What everybody has taken in goes. The mark of a change is the newest load that the
    build knew of.  #}
{% macro create_state_tables() %}
    {% for answers in [
        'model_states', 'new_batches', 'test_states', 'untested', 'files_hashes',
        'grouped_columns', 'kept_columns',
    ] %}
        {# of a run before this one in the same process #}
        {% do graph.pop(answers, none) %}
    {% endfor %}
    {% do graph.update({'keeps_state': true}) %}
    {% do run_query('create schema if not exists intermediate') %}
    {% for name, columns in {
        'model_state': 'model varchar, code_hash varchar, loaded_through timestamp',
        'test_state': 'test varchar, code_hash varchar, passed_through timestamp',
        'replaced_row': 'model varchar, source_system varchar, customer_id varchar,
            date_key date, replaced_at timestamp',
        'changed_version': 'dimension varchar, member_id varchar,
            changed_from timestamp, changed_at timestamp',
        'changed_member': 'dimension varchar, member_key varchar,
            changed_at timestamp',
        'changed_day': 'model varchar, date_key date, is_rekeyed boolean,
            changed_at timestamp',
        'kept_changes': 'model varchar, columns varchar, since timestamp',
        'known_view': 'view varchar, definition varchar',
        'view_to_restore': 'position integer, definition varchar',
    }.items() %}
        {% do run_query(
            'create table if not exists intermediate.' ~ name ~ ' (' ~ columns ~ ')'
        ) %}
    {% endfor %}
    {% set incremental = [] %}
    {% for node in graph.nodes.values()
        if node.config.materialized == 'incremental' %}
        {% do incremental.append(node.name) %}
    {% endfor %}
    {% do run_query("
        delete from intermediate.model_state
        where model not in ('" ~ incremental | join("', '") ~ "')
    ") %}
    {% for name, mark in {
        'replaced_row': 'replaced_at', 'changed_version': 'changed_at',
        'changed_member': 'changed_at',
    }.items() %}
        {% do run_query('
            delete from intermediate.' ~ name ~ '
            where
                ' ~ mark ~ ' <= (
                    select min(loaded_through) from intermediate.model_state
                )
        ') %}
    {% endfor %}
    {% for model in run_query(
        'select model from intermediate.kept_changes'
    ).columns[0].values() %}
        {% set readers = [] %}
        {% for node in graph.nodes.values()
            if node.resource_type == 'model' and node.config.meta.get('differences')
            and node.config.meta.units.fact == model %}
            {% do readers.append(node.name) %}
        {% endfor %}
        {% do run_query('
            delete from intermediate.changes_of_' ~ model ~ "
            where
                changed_at <= (
                    select min(loaded_through) from intermediate.model_state
                    where model in ('" ~ readers | join("', '") ~ "')
                )
        ") %}
    {% endfor %}
{% endmacro %}
