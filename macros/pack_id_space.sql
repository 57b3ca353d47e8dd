{#  Where the ids of a pack are unique: its setting `id_space`, which several packs of
    one company share, or the pack itself.  #}
{% macro pack_id_space(system) -%}
    {{ return(var('packs').get(system, {}).get('id_space', system)) }}
{%- endmacro %}
