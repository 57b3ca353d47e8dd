{#  30: can I trust today's numbers?

    One row a thing that was checked, what is in breach first: the last run, the age of
    each table's last load by the reader's clock, totals against their source, rows in
    quarantine, and days with unusually few or many rows.  #}

with

runs as (

    select * from {{ ref('ctl_run') }}

),

freshness as (

    select * from {{ ref('ctl_freshness') }}

),

reconciliation as (

    select * from {{ ref('ctl_reconciliation') }}

),

volumes as (

    select * from {{ ref('ctl_volume') }}

),

last_run as (

    select
        'run' as checked,
        'all' as source_system,
        command as about,
        case when status = 'fail' then 'failed' else 'passed' end as verdict,
        status = 'fail' as is_breach,
        nodes_failed || ' failed, ' || nodes_warned || ' warned' as detail,
        ended_at as last_at

    from runs

    qualify row_number() over (order by started_at desc) = 1

),

ages as (

    select
        *,
        date_diff(
            'minute', last_loaded_at, (current_timestamp at time zone 'UTC')::timestamp
        ) / 60 as age_hours

    from freshness

),

aged as (

    select
        'freshness' as checked,
        source_system,
        table_name as about,
        case
            when age_hours >= error_after_hours then 'stale'
            when age_hours >= warn_after_hours then 'ageing'
            else 'fresh'
        end as verdict,
        coalesce(age_hours >= error_after_hours, false) as is_breach,
        round(age_hours, 1) || ' hours old, data through ' || data_through as detail,
        last_loaded_at as last_at

    from ages

),

reconciled as (

    select
        'reconciliation' as checked,
        source_system,
        fact_name || ': ' || measure as about,
        case when bool_and(is_reconciled) then 'reconciled' else 'not reconciled' end
            as verdict,
        not bool_and(is_reconciled) as is_breach,
        count(*) || ' days, ' || sum(difference) || ' left unexplained' as detail,
        max(business_date)::timestamp as last_at

    from reconciliation

    group by source_system, fact_name, measure

),

quarantined as (

    select
        'quarantine' as checked,
        source_system,
        table_name as about,
        case when rows_quarantined > 0 then 'rows wait' else 'none' end as verdict,
        false as is_breach,
        rows_quarantined || ' of ' || rows_read || ' rows' as detail,
        last_loaded_at as last_at

    from freshness

),

last_volumes as (

    select
        'volume' as checked,
        source_system,
        table_name as about,
        judgement as verdict,
        judgement in ('few', 'many') as is_breach,
        rows_delivered || ' rows' || coalesce(
            ', usual are ' || lowest_usual || ' to ' || highest_usual, ''
        ) as detail,
        delivered_on::timestamp as last_at

    from volumes

    qualify
        row_number() over (
            partition by source_system, table_name
            order by delivered_on desc
        ) = 1

),

final as (

    select * from last_run

    union all

    select * from aged

    union all

    select * from reconciled

    union all

    select * from quarantined

    union all

    select * from last_volumes

)

select * from final

order by is_breach desc, checked asc, source_system asc, about asc
