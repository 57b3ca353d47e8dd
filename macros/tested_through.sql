{#  Up to which load a test has passed in this file, as it now is: a timestamp, or none
    if it never did, only warned, or has changed since. What is known of all tests is
    read once; the model that is rebuilt strikes its own out.  #}
{% macro tested_through(test) -%}
    {%- if 'test_states' not in graph -%}
        {%- set states = {} -%}
        {%- for row in run_query('
            select test, code_hash, passed_through::varchar as passed_through
            from intermediate.test_state
        ').rows -%}
            {%- do states.update({row.test: row}) -%}
        {%- endfor -%}
        {%- do graph.update({'test_states': states}) -%}
    {%- endif -%}
    {%- set state = graph.test_states.get(test.unique_id) -%}
    {{ return(
        state.passed_through if state and state.code_hash == test_hash(test) else none
    ) }}
{%- endmacro %}
