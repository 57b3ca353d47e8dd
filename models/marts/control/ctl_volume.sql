{#  Grain: one row a system, table and day on which the system delivered: how many rows
    came, against the same weekday of the weeks before.

    The band is the median and three times as far as rows usually lie from it: the
    median absolute deviation, scaled to a standard deviation (Leys et al. 2013,
    Journal of Experimental Social Psychology 49). Neither moves for one odd day.
    Where volumes hardly vary, a tenth of the median counts as usual, so that not every
    change is an alarm. A table of which nothing came while its system delivered counts
    as 0 rows that day.  #}

{% set weeks = var('volume_weeks') %}
{% set weeks_needed = var('volume_weeks_needed') %}

with

batches as (

    select * from {{ source('landing', 'load_batch') }}

),

delivered as (

    select
        system as source_system,
        table_name,
        extracted_at::date as delivered_on,
        sum(rows_read)::bigint as rows_delivered,
        sum(rows_quarantined)::bigint as rows_quarantined,
        sum(rows_late)::bigint as rows_late

    from batches

    group by system, table_name, extracted_at::date

),

system_days as (

    select distinct
        source_system,
        delivered_on

    from delivered

),

first_days as (

    select
        source_system,
        table_name,
        min(delivered_on) as first_on

    from delivered

    group by source_system, table_name

),

volumes as (

    select
        first_days.source_system,
        first_days.table_name,
        system_days.delivered_on,
        coalesce(delivered.rows_delivered, 0) as rows_delivered,
        coalesce(delivered.rows_quarantined, 0) as rows_quarantined,
        delivered.rows_late

    from first_days

    inner join system_days
        on
            first_days.source_system = system_days.source_system
            and first_days.first_on <= system_days.delivered_on

    left join delivered
        on
            first_days.source_system = delivered.source_system
            and first_days.table_name = delivered.table_name
            and system_days.delivered_on = delivered.delivered_on

),

same_weekdays as (

    select
        volumes.source_system,
        volumes.table_name,
        volumes.delivered_on,
        earlier.rows_delivered

    from volumes

    inner join volumes as earlier
        on
            volumes.source_system = earlier.source_system
            and volumes.table_name = earlier.table_name
            and volumes.delivered_on > earlier.delivered_on
            and volumes.delivered_on - earlier.delivered_on <= 7 * {{ weeks }}
            and (volumes.delivered_on - earlier.delivered_on) % 7 = 0

),

medians as (

    select
        source_system,
        table_name,
        delivered_on,
        count(*) as weeks_compared,
        median(rows_delivered)::double as median_rows

    from same_weekdays

    group by source_system, table_name, delivered_on

),

deviations as (

    select
        same_weekdays.source_system,
        same_weekdays.table_name,
        same_weekdays.delivered_on,
        median(abs(same_weekdays.rows_delivered - medians.median_rows))::double
            as median_deviation

    from same_weekdays

    inner join medians
        on
            same_weekdays.source_system = medians.source_system
            and same_weekdays.table_name = medians.table_name
            and same_weekdays.delivered_on = medians.delivered_on

    group by
        same_weekdays.source_system,
        same_weekdays.table_name,
        same_weekdays.delivered_on

),

half_widths as (

    select
        medians.source_system,
        medians.table_name,
        medians.delivered_on,
        medians.weeks_compared,
        medians.median_rows,
        3 * greatest(
            1.4826 * deviations.median_deviation,
            0.1 * medians.median_rows
        ) as half_width

    from medians

    inner join deviations
        on
            medians.source_system = deviations.source_system
            and medians.table_name = deviations.table_name
            and medians.delivered_on = deviations.delivered_on

),

bands as (

    select
        source_system,
        table_name,
        delivered_on,
        weeks_compared,
        median_rows,
        round(greatest(median_rows - half_width, 0), 1)::double as lowest_usual,
        round(median_rows + half_width, 1)::double as highest_usual

    from half_widths

),

banded as (

    select
        volumes.source_system,
        volumes.table_name,
        volumes.delivered_on,
        volumes.rows_delivered,
        volumes.rows_quarantined,
        volumes.rows_late,
        coalesce(bands.weeks_compared, 0) as weeks_compared,
        bands.median_rows,
        bands.lowest_usual,
        bands.highest_usual

    from volumes

    left join bands
        on
            volumes.source_system = bands.source_system
            and volumes.table_name = bands.table_name
            and volumes.delivered_on = bands.delivered_on

),

final as (

    select
        source_system,
        table_name,
        delivered_on,
        rows_delivered,
        rows_quarantined,
        rows_late,
        weeks_compared,
        median_rows,
        lowest_usual,
        highest_usual,
        case
            when weeks_compared < {{ weeks_needed }} then 'not judged'
            when rows_delivered < lowest_usual then 'few'
            when rows_delivered > highest_usual then 'many'
            else 'usual'
        end as judgement

    from banded

)

select * from final
