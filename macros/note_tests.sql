{#  After a run: note which data tests passed, and up to which load, for `untested`.
    One that only warned looks at everything the next time: its warning still holds.  #}
{% macro note_tests(results) %}
    {% if not execute or flags.WHICH not in ['build', 'test'] %}
        {{ return('') }}
    {% endif %}
    {% set passed = [] %}
    {% for result in results if result.node.resource_type | string == 'test' %}
        {% if result.status | string == 'pass' %}
            {% set test = graph.nodes[result.node.unique_id] %}
            {% do passed.append(
                "('" ~ test.unique_id ~ "', '" ~ test_hash(test) ~ "')"
            ) %}
        {% elif result.status | string == 'warn' %}
            {% do passed.append("('" ~ result.node.unique_id ~ "', '')") %}
        {% endif %}
    {% endfor %}
    {% if passed %}
        {% do run_query('
            create or replace temp table test_passed as
            select *
            from (values ' ~ passed | join(', ') ~ ') as passed (test, code_hash)
        ') %}
        {% do run_query('
            delete from intermediate.test_state
            where test in (select test from test_passed)
        ') %}
        {% do run_query("
            insert into intermediate.test_state
            select test, code_hash, " ~ newest_load() ~ "
            from test_passed
            where code_hash <> ''
        ") %}
        {% do run_query('drop table test_passed') %}
    {% endif %}
    {{ return('') }}
{% endmacro %}
