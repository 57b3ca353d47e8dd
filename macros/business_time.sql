{#  The wall clock where the business is, from a timestamp of the system: its date
    is the business day, which is not the UTC day.  #}
{% macro business_time(column, system) -%}
    {%- set source = pack_setting(system, 'source_time_zone') -%}
    {%- set business = pack_setting(system, 'business_time_zone') -%}
    {%- if source == business -%}
        {{ column }}
    {%- else -%}
        {{ column }} at time zone '{{ source }}' at time zone '{{ business }}'
    {%- endif -%}
{%- endmacro %}
