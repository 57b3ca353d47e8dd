{#  Grain: one row an id space and month's end that churn is scored at or learned from.
    A score is learned from the newest month's end whose outcome was over by then, and
    that outcome counts as it was recorded by then.  #}

{{ config(materialized='view') }}

with

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

scored as (

    select * from cutoffs

    where is_observed

),

learned as (

    select
        scored.id_space,
        scored.cutoff_date,
        max(earlier.cutoff_date) as training_cutoff_date

    from scored

    left join cutoffs as earlier
        on
            scored.id_space = earlier.id_space
            and scored.cutoff_date >= earlier.label_to

    group by scored.id_space, scored.cutoff_date

),

lessons as (

    select
        id_space,
        training_cutoff_date as cutoff_date,
        min(cutoff_date) as labelled_by

    from learned

    where training_cutoff_date is not null

    group by id_space, training_cutoff_date

),

final as (

    select
        cutoffs.id_space,
        cutoffs.cutoff_date,
        cutoffs.is_current,
        cutoffs.is_mature,
        cutoffs.label_from,
        cutoffs.label_to,
        cutoffs.is_observed as is_scored,
        lessons.cutoff_date is not null as is_training,
        learned.training_cutoff_date,
        coalesce(lessons.labelled_by, cutoffs.as_of) as labelled_by

    from cutoffs

    left join learned
        on
            cutoffs.id_space = learned.id_space
            and cutoffs.cutoff_date = learned.cutoff_date

    left join lessons
        on
            cutoffs.id_space = lessons.id_space
            and cutoffs.cutoff_date = lessons.cutoff_date

    where cutoffs.is_observed or lessons.cutoff_date is not null

)

select * from final
