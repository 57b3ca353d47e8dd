{#  The UTC instant of a timestamp written in the system's own time zone.  #}
{% macro to_utc(column, system) -%}
    {%- set zone = pack_setting(system, 'source_time_zone') -%}
    {%- if zone == 'UTC' -%}
        {{ column }}
    {%- else -%}
        {{ column }} at time zone '{{ zone }}' at time zone 'UTC'
    {%- endif -%}
{%- endmacro %}
