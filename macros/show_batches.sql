{#  Let a raw view show some batches of its table, by their ids, or all: the session
    variable by which create_parquet_view narrows it.  #}
{% macro show_batches(system, table, batches=none) %}
    {%- set value = 'null' -%}
    {%- if batches is not none -%}
        {%- set quoted = [] -%}
        {%- for batch in batches -%}
            {%- do quoted.append("'" ~ batch ~ "'") -%}
        {%- endfor -%}
        {%- set value = '[' ~ quoted | join(', ') ~ ']' -%}
    {%- endif -%}
    {%- do run_query(
        'set variable ' ~ new_batches_variable(system, table) ~ ' = ' ~ value
        ~ '::varchar[]'
    ) -%}
{% endmacro %}
