{#  Whether what was counted is in the share of baskets that is wanted of items and
    pairs, or of triples, up to the current or the past cut-off. The division decides:
    10 of 10,000 are 0.001. Of triples no less is wanted than of pairs, which make
    them.  #}
{% macro supported(counts, totals, triples=false) -%}
    {%- set share = var('affinity_support') -%}
    {%- if triples -%}
        {%- set share = [share, var('affinity_triple_support')] | max -%}
    {%- endif -%}
    (
        {%- for window in ['current', 'past'] %}
        coalesce(
            {{ counts }}.{{ window }}_baskets
            / nullif({{ totals }}.{{ window }}_total, 0) >= {{ share }},
            false
        )
        {{- ' or' if not loop.last }}
        {%- endfor %}
    )
{%- endmacro %}
