{#  The key of one special member, for a fact row that has no member of its own:

        coalesce(products.product_key, {{ special_key('unknown') }})  #}
{% macro special_key(member_id) -%}
    {%- set known = special_member_list() | map(attribute='id') | list -%}
    {%- if member_id not in known -%}
        {{ exceptions.raise_compiler_error(
            "special_key('" ~ member_id ~ "'): there is no such special member. "
            ~ "It must be one of: " ~ known | join(', ') ~ "."
        ) }}
    {%- endif -%}
    {{ special_member_list()[known.index(member_id)].key }}
{%- endmacro %}
