{#  What a pack may deliver. int_<entity>.yml says the columns of each.  #}
{% macro canonical_entities() -%}
    {{ return([
        'customers', 'products', 'stores', 'order_lines', 'campaign_cells',
        'offers', 'offer_products', 'contacts', 'responses', 'source_totals',
    ]) }}
{%- endmacro %}
