{#  Each fact that a source can be set against, its business day, and what is added up:
    a list of (mart, expression of the business day, {measure: aggregate}). The first
    measure counts the rows.  #}
{% macro reconciled_facts() -%}
    {{ return([
        ('fct_sales_line', 'date_key', {
            'sales lines': 'count(*)',
            'quantity': 'sum(quantity)',
            'gross amount': 'sum(gross_amount)',
            'net amount': 'sum(net_amount)',
            'reimbursed amount': 'sum(reimbursed_amount)',
            'tax amount': 'sum(tax_amount)',
            'cost amount': 'coalesce(sum(cost_amount), 0)',
        }),
        ('fct_contact', "date '1900-01-01'", {
            'contacts': 'count(*)',
            'contact cost': 'sum(cost_amount)',
        }),
        ('fct_response', 'date_key', {
            'responses': 'count(*)',
            'value amount': 'coalesce(sum(value_amount), 0)',
        }),
        ('fct_interaction', 'date_key', {
            'interactions': 'count(*)',
            'wait seconds': 'sum(wait_seconds)',
            'handle seconds': 'sum(handle_seconds)',
        }),
        ('fct_case', 'date_key', {'cases': 'count(*)'}),
        ('fct_satisfaction', 'date_key', {
            'answers': 'count(*)',
            'score': 'sum(score_sum)',
        }),
        ('fct_lead_funnel', 'date_key', {'leads': 'count(*)'}),
        ('fct_consent_event', 'date_key', {'consent events': 'count(*)'}),
        ('fct_subscription_event', 'date_key', {
            'subscription events': 'count(*)',
            'mrr amount': 'sum(mrr_amount)',
        }),
        ('fct_order_lifecycle', 'date_key', {
            'orders': 'count(*)',
            'shipping cost amount': 'sum(shipping_cost_amount)',
            'payment cost amount': 'sum(payment_cost_amount)',
        }),
        ('fct_target', 'date_key', {
            'targets': 'count(*)',
            'target net amount': 'sum(target_net_amount)',
        }),
        ('fct_stock_out', 'date_key', {'stock outs': 'count(*)'}),
        ('fct_campaign_cost', 'date_key', {
            'costs': 'count(*)',
            'spend amount': 'sum(spend_amount)',
        }),
        ('fct_visit', 'date_key', {'visits': 'count(*)'}),
        ('fct_visit_step', 'date_key', {
            'visit steps': 'count(*)',
            'seconds': 'sum(seconds)',
        }),
        ('fct_store_traffic', 'date_key', {
            'store counts': 'count(*)',
            'entries': 'sum(entry_count)',
            'exits': 'sum(exit_count)',
        }),
        ('fct_enquiry', 'date_key', {'enquiries': 'count(*)'}),
    ]) }}
{%- endmacro %}
