{#  Grain: one row a system, business day and measure: what the source adds up to
    against what the fact shows.

    source_total is all that was ever delivered. Some of it broke its contract
    (quarantined_total), some was delivered again later (redelivered_total); the rest
    must be in the fact, to the cent: difference is nought.

    Below: each fact that a source can be set against, its business day, and what is
    added up.  #}

{% set facts = [
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
    ('fct_satisfaction', 'date_key', {'answers': 'count(*)', 'score': 'sum(score_sum)'}),
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
] %}

with

source_totals as (

    select * from {{ ref('int_source_totals') }}

),

fact_totals as (

    select * from {{ fact_totals(facts) }}

),

source_by_day as (

    select
        source_system,
        fact_name,
        measure,
        business_date,
        sum(case when disposition in ('delivered', 'quarantined') then total else 0 end)
            as source_total,
        sum(case when disposition = 'quarantined' then total else 0 end)
            as quarantined_total,
        sum(case when disposition = 'superseded' then total else 0 end)
            as redelivered_total

    from source_totals

    group by source_system, fact_name, measure, business_date

),

-- A pack states the measures that its source knows; the fact's others have no
-- counterpart to be set against.
stated as (

    select distinct
        source_system,
        fact_name,
        measure

    from source_by_day

),

facts_stated as (

    select fact_totals.*

    from fact_totals

    inner join stated
        on
            fact_totals.source_system = stated.source_system
            and fact_totals.fact_name = stated.fact_name
            and fact_totals.measure = stated.measure

),

compared as (

    select
        source_system,
        fact_name,
        measure,
        business_date,
        coalesce(source_by_day.source_total, 0) as source_total,
        coalesce(source_by_day.quarantined_total, 0) as quarantined_total,
        coalesce(source_by_day.redelivered_total, 0) as redelivered_total,
        coalesce(facts_stated.total, 0) as fact_total

    from source_by_day

    full join facts_stated
        using (source_system, fact_name, measure, business_date)

),

final as (

    select
        source_system,
        business_date,
        fact_name,
        measure,
        source_total::decimal(38, 4) as source_total,
        quarantined_total::decimal(38, 4) as quarantined_total,
        redelivered_total::decimal(38, 4) as redelivered_total,
        fact_total::decimal(38, 4) as fact_total,
        (source_total - quarantined_total - redelivered_total - fact_total)
        ::decimal(38, 4) as difference,
        source_total - quarantined_total - redelivered_total = fact_total
            as is_reconciled

    from compared

)

select * from final
