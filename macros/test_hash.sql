{#  A hash of what decides whether a data test passes besides the rows: its own SQL and
    arguments, all generic tests and all macros.  #}
{% macro test_hash(test) -%}
    {{ return(local_md5(
        test.raw_code
        ~ tojson(test.get('test_metadata', {}).get('kwargs', {}), sort_keys=true)
        ~ files_hash(['macros/**/*.sql', 'tests/dbt/generic/*.sql'])
    )) }}
{%- endmacro %}
