{#  The special members as a relation, for a dimension to add to its own rows:

        from {{ special_members() }}

    Columns: member_key bigint (negative, so it meets no surrogate_key), member_id
    varchar (stands where the business key stands), member_label varchar.  #}
{% macro special_members() -%}
    (
        values
        {%- for member in special_member_list() %}
        ({{ member.key }}::bigint, '{{ member.id }}', '{{ member.label }}')
        {{- ',' if not loop.last }}
        {%- endfor %}
    ) as special_members (member_key, member_id, member_label)
{%- endmacro %}
