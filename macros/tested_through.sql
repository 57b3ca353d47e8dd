{#  Up to which load a test has passed in this file, as it now is: a timestamp, or none
    if it never did, only warned, or has changed since.  #}
{% macro tested_through(test) -%}
    {%- set found = run_query("
        select passed_through::varchar
        from intermediate.test_state
        where test = '" ~ test.unique_id ~ "' and code_hash = '" ~ test_hash(test) ~ "'
    ") -%}
    {{ return(found.rows[0][0] if found.rows else none) }}
{%- endmacro %}
