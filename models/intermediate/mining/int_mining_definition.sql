{#  Grain: one row an id space, version of the definitions, and month's end that they
    hold for.

    Thresholds and rhythms are drawn once a year, at the December before it, and hold
    to the December of the year, so that a customer moves and not the measure. A system
    whose history is too short by then draws them at the first month's end with
    `mining_history_days` days, or at the current one. December is told by both years:
    that is what the change of the definition itself moves.  #}

{{ config(materialized='view') }}

with

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

current_years as (

    select
        id_space,
        cutoff_date,
        year(cutoff_date)::integer as current_year

    from cutoffs

    where is_current

),

years as (

    select
        id_space,
        cutoff_date as last_cutoff_date,
        unnest([current_year - 1, current_year]) as definition_year,
        unnest([false, true]) as is_current

    from current_years

),

drawn as (

    select
        years.id_space,
        years.definition_year,
        years.is_current,
        coalesce(
            min(cutoffs.cutoff_date),
            case when years.is_current then years.last_cutoff_date end
        ) as definition_cutoff_date

    from years

    left join cutoffs
        on
            years.id_space = cutoffs.id_space
            and cutoffs.cutoff_date
            between make_date(years.definition_year - 1, 12, 31)
            and make_date(years.definition_year, 12, 31)
            and cutoffs.history_days >= {{ var('mining_history_days') }}

    group by
        years.id_space,
        years.definition_year,
        years.is_current,
        years.last_cutoff_date

),

final as (

    select
        drawn.id_space,
        'rhythm-1/' || drawn.definition_year as definition_version,
        drawn.definition_cutoff_date,
        drawn.is_current as is_current_definition,
        cutoffs.cutoff_date,
        cutoffs.is_current,
        row_number() over (
            partition by drawn.id_space, cutoffs.cutoff_date
            order by drawn.definition_cutoff_date desc, drawn.definition_year desc
        ) = 1 as is_in_force

    from drawn

    inner join cutoffs
        on
            drawn.id_space = cutoffs.id_space
            and cutoffs.cutoff_date between drawn.definition_cutoff_date
            and make_date(drawn.definition_year, 12, 31)

)

select * from final
