{#  The key of the special member that stands where a fact has no real one.

    `absence` is an expression that gives the member's id; what is none is unknown.  #}
{% macro absent_key(absence) -%}
    case {{ absence }}
        {%- for member in special_member_list() %}
        when '{{ member.id }}' then {{ member.key }}
        {%- endfor %}
        else {{ special_key('unknown') }}
    end::bigint
{%- endmacro %}
