{#  Whether a pack that is switched on delivers an entity; checks both names.  #}
{% macro pack_delivers(system, entity) -%}
    {%- set known = canonical_entities() -%}
    {%- for given in pack_setting(system, 'entities') if given not in known -%}
        {{ exceptions.raise_compiler_error(
            "Pack '" ~ system ~ "' lists the entity '" ~ given
            ~ "', which the canonical layer does not have. It has: "
            ~ known | join(', ') ~ ". See models/staging/README.md."
        ) }}
    {%- endfor -%}
    {{ return(entity in pack_setting(system, 'entities')) }}
{%- endmacro %}
