{#  The newest load that the build knows of: an expression. It marks what the build
    does, in the order of loads and not of clocks.  #}
{% macro newest_load() -%}
    (
        select coalesce(max(loaded_at), timestamp '1900-01-01')
        from landing.load_batch
    )
{%- endmacro %}
