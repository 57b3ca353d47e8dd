{#  The condition that meets the one version of a member that held at an instant: what
    a fact joins a type 2 dimension on. Ranges are half-open.

    versions: the dimension's name in the query. id: its durable id. of: the same id on
    the fact's side. at: the instant (UTC).  #}
{% macro as_was(versions, id, of, at) -%}
    {{ of }} = {{ versions }}.{{ id }}
            and {{ at }} >= {{ versions }}.valid_from
            and {{ at }} < {{ versions }}.valid_to
{%- endmacro %}
