{#  A setting of a pack from the variable `packs`, or one clear error.  #}
{% macro pack_setting(system, name) -%}
    {%- set packs = var('packs') -%}
    {%- if system not in packs -%}
        {{ exceptions.raise_compiler_error(
            "Pack '" ~ system
            ~ "' is not switched on. Variable 'packs' of dbt_project.yml has: "
            ~ packs.keys() | sort | join(', ')
            ~ ". Add it there, or set enabled: false on its models."
        ) }}
    {%- endif -%}
    {%- if name not in packs[system] -%}
        {{ exceptions.raise_compiler_error(
            "Pack '" ~ system ~ "' lacks the setting '" ~ name
            ~ "' in variable 'packs' of dbt_project.yml."
        ) }}
    {%- endif -%}
    {{ return(packs[system][name]) }}
{%- endmacro %}
