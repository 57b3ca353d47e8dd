{#  The column names measure_1, measure_2, … of the given measures.  #}
{% macro measured(measures) -%}
    {%- set names = [] -%}
    {%- for measure in measures -%}
        {%- do names.append('measure_' ~ loop.index) -%}
    {%- endfor -%}
    {{ return(names) }}
{%- endmacro %}
