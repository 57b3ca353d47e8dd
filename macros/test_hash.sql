{#  A hash of what decides whether a data test passes besides the rows: its own SQL and
    arguments, all generic tests and all macros.  #}
{% macro test_hash(test) -%}
    {%- if 'test_code' not in graph -%}
        {%- set root = flags.PROJECT_DIR | replace("'", "''") -%}
        {%- do graph.update({'test_code': run_query("
            select md5(string_agg(md5(content), '' order by filename))
            from read_text([
                '" ~ root ~ "/macros/**/*.sql', '" ~ root ~ "/tests/dbt/generic/*.sql'
            ])
        ").rows[0][0]}) -%}
    {%- endif -%}
    {{ return(local_md5(
        test.raw_code
        ~ tojson(test.get('test_metadata', {}).get('kwargs', {}), sort_keys=true)
        ~ graph.test_code
    )) }}
{%- endmacro %}
