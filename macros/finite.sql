{#  A number that Python told; null where it is none, or without end.  #}
{% macro finite(number) -%}
    case when isfinite(({{ number }})::double) then ({{ number }})::double end
{%- endmacro %}
