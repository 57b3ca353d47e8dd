{#  The durable id of the special member that stands where a fact has no real one.  #}
{% macro absent_id(absence) -%}
    case {{ absence }}
        {%- for member in special_member_list() %}
        when '{{ member.id }}' then '{{ member.id }}'
        {%- endfor %}
        else 'unknown'
    end
{%- endmacro %}
