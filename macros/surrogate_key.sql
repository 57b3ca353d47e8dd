{#  A bigint that stands for the given columns: the same values give the same
    key on every build, so a mart can be dropped and rebuilt at any time.

    Each value is preceded by its length, so that ('a', 'b-c') and ('a-b', 'c')
    differ, and null is a value of its own. The lower 63 bits of md5: the `unique`
    test on each key would catch a collision.  #}
{% macro surrogate_key(columns) -%}
    (md5_number(concat(
        {%- for column in columns %}
        coalesce(length({{ column }}::varchar) || ':' || {{ column }}::varchar, 'null')
        {{- ", '|', " if not loop.last }}
        {%- endfor %}
    )) & 9223372036854775807)::bigint
{%- endmacro %}
