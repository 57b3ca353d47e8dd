{#  Grain: one row a load batch, measure and business day whose total was known before
    and which the batch changed: what it was, what it became, and why.

    Rebuilt from what each batch delivered and made obsolete, so that the same raw zone
    tells the same history in every build. Days that a source does not know
    (1900-01-01) have no day to be restated.  #}

with

source_totals as (

    select * from {{ ref('int_source_totals') }}

),

batches as (

    select * from {{ source('landing', 'load_batch') }}

),

recorded as (

    select
        batch_id,
        min(loaded_at) as recorded_at

    from batches

    group by batch_id

),

changes as (

    select
        source_totals.source_system,
        source_totals.fact_name,
        source_totals.measure,
        source_totals.business_date,
        source_totals.batch_id,
        recorded.recorded_at,
        sum(
            case
                when source_totals.disposition = 'delivered' then source_totals.total
                else 0
            end
        ) as delivered,
        sum(
            case
                when source_totals.disposition = 'superseded' then source_totals.total
                else 0
            end
        ) as superseded,
        bool_or(source_totals.disposition = 'superseded') as is_correction

    from source_totals

    inner join recorded
        on source_totals.batch_id = recorded.batch_id

    where
        source_totals.disposition in ('delivered', 'superseded')
        and source_totals.business_date <> {{ unknown_date() }}

    group by
        source_totals.source_system,
        source_totals.fact_name,
        source_totals.measure,
        source_totals.business_date,
        source_totals.batch_id,
        recorded.recorded_at

),

known as (

    select
        *,
        sum(delivered - superseded) over (
            partition by source_system, fact_name, measure, business_date
            order by recorded_at, batch_id
            rows between unbounded preceding and 1 preceding
        ) as total_before

    from changes

),

final as (

    select
        source_system,
        business_date,
        fact_name,
        measure,
        total_before::decimal(38, 4) as total_before,
        (total_before + delivered - superseded)::decimal(38, 4) as total_after,
        (delivered - superseded)::decimal(38, 4) as change,
        case when is_correction then 'correction' else 'late rows' end as reason,
        recorded_at,
        batch_id

    from known

    where total_before is not null and delivered <> superseded

    order by recorded_at

)

select * from final
