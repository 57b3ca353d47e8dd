{#  What a pack may deliver. int_<entity>.yml says the columns of each.  #}
{% macro canonical_entities() -%}
    {{ return([
        'customers', 'products', 'stores', 'order_lines', 'campaign_cells',
        'offers', 'offer_products', 'contacts', 'responses',
        'employees', 'reasons', 'household_members', 'consent_events', 'leads',
        'interactions', 'cases', 'satisfaction_answers', 'plans',
        'subscription_events', 'orders', 'targets', 'stock_outs', 'store_zones',
        'campaign_costs', 'visitors', 'visits', 'visit_steps', 'store_counts',
        'enquiries', 'source_totals',
    ]) }}
{%- endmacro %}
