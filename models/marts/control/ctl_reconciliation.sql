{#  Grain: one row a system, business day and measure: what the source adds up to
    against what the fact shows.

    source_total is all that was ever delivered. Some of it broke its contract
    (quarantined_total), some was delivered again later (redelivered_total); the rest
    must be in the fact, to the cent: difference is nought.  #}

with

source_totals as (

    select * from {{ ref('int_source_totals') }}

),

fact_totals as (

    select * from {{ ref('int_fact_totals') }}

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
