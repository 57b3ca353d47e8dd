{#  Grain: one row an id space and month. In the base is who is new, active, at risk or
    reactivated by the own rhythm; lapsed and former are not.

    Opening and closing are counted by the definition of the year. Where it is drawn
    anew, the month opens with what the one before closed with, and what the new
    definition changes stands in redefined_count.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

placed as (

    select
        id_space,
        definition_version,
        definition_cutoff_date,
        cutoff_date,
        lifecycle_stage in ('new', 'active', 'at_risk', 'reactivated') as is_in_base,
        lag(lifecycle_stage in ('new', 'active', 'at_risk', 'reactivated')) over (
            partition by customer_id, definition_version order by cutoff_date
        ) as was_in_base

    from stages

    where lifecycle_stage is not null

),

counted as (

    select
        id_space,
        definition_version,
        definition_cutoff_date,
        cutoff_date,
        count(*) filter (is_in_base and was_in_base is null) as new_count,
        count(*) filter (is_in_base and not was_in_base) as reactivated_count,
        count(*) filter (not is_in_base and was_in_base) as lapsed_count,
        count(*) filter (is_in_base) as closing_count

    from placed

    group by
        id_space,
        definition_version,
        definition_cutoff_date,
        cutoff_date

),

opened as (

    select
        *,
        lag(closing_count) over (
            partition by id_space, definition_version order by cutoff_date
        ) as own_opening_count

    from counted

),

-- the month's end at which a version is drawn is only what its first month opens with
followed as (

    select
        *,
        coalesce(
            lag(closing_count) over (partition by id_space order by cutoff_date),
            own_opening_count
        ) as opening_count

    from opened

    where cutoff_date > definition_cutoff_date

),

final as (

    select
        {{ surrogate_key(['id_space', 'cutoff_date']) }} as base_movement_key,
        cutoff_date as date_key,
        id_space,
        definition_version,
        opening_count::integer as opening_count,
        (own_opening_count - opening_count)::integer as redefined_count,
        new_count::integer as new_count,
        reactivated_count::integer as reactivated_count,
        lapsed_count::integer as lapsed_count,
        closing_count::integer as closing_count

    from followed

)

select * from final
