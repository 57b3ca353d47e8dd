{#  The id space of the pack that a column names.  #}
{% macro id_space_of_system(column) -%}
    case
        {%- for system in var('packs') %}
        when {{ column }} = '{{ system }}' then '{{ pack_id_space(system) }}'
        {%- endfor %}
        else {{ column }}
    end
{%- endmacro %}
