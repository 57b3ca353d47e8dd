{#  Grain: one row a system, business day and measure: what the source adds up to
    against what the fact shows.

    source_total is all that was ever delivered. Some of it broke its contract
    (quarantined_total), some was delivered again later (redelivered_total); the rest
    must be in the fact, to the cent: difference is nought.  #}

with

source_totals as (

    select * from {{ ref('int_source_totals') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

responses as (

    select * from {{ ref('fct_response') }}

),

daily_sales as (

    select
        source_system,
        date_key as business_date,
        count(*)::decimal(38, 4) as sales_lines,
        sum(quantity)::decimal(38, 4) as quantity,
        sum(gross_amount)::decimal(38, 4) as gross_amount,
        sum(net_amount)::decimal(38, 4) as net_amount,
        sum(reimbursed_amount)::decimal(38, 4) as reimbursed_amount

    from sales_lines

    group by source_system, date_key

),

fact_totals as (

    {% for measure in [
        'sales_lines', 'quantity', 'gross_amount', 'net_amount', 'reimbursed_amount',
    ] -%}
    select
        source_system,
        'fct_sales_line' as fact_name,
        '{{ measure.replace('_', ' ') }}' as measure,
        business_date,
        {{ measure }} as total

    from daily_sales

    union all

    {% endfor -%}
    select
        source_system,
        'fct_contact' as fact_name,
        'contacts' as measure,
        date '1900-01-01' as business_date,
        count(*) as total

    from contacts

    group by source_system

    union all

    select
        source_system,
        'fct_response' as fact_name,
        'responses' as measure,
        date_key as business_date,
        count(*) as total

    from responses

    group by source_system, date_key

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
