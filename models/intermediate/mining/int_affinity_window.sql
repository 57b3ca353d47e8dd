{#  Grain: one row an id space: the days whose baskets are counted. Up to the current
    cut-off; up to the newest past one whose outcome is known; and the outcome of that.  #}

{{ config(materialized='view') }}

with

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

current_cutoffs as (

    select * from cutoffs

    where is_current

),

past_cutoffs as (

    select
        id_space,
        max(cutoff_date) as cutoff_date,
        arg_max(label_from, cutoff_date) as label_from,
        arg_max(label_to, cutoff_date) as label_to

    from cutoffs

    where is_mature and is_observed and not is_current

    group by id_space

),

final as (

    select
        current_cutoffs.id_space,
        current_cutoffs.cutoff_date as current_day,
        (current_cutoffs.cutoff_date - {{ var('affinity_days') }})::date
            as current_after,
        past_cutoffs.cutoff_date as past_day,
        (past_cutoffs.cutoff_date - {{ var('affinity_days') }})::date as past_after,
        past_cutoffs.label_from as later_from,
        past_cutoffs.label_to as later_to

    from current_cutoffs

    left join past_cutoffs
        on current_cutoffs.id_space = past_cutoffs.id_space

)

select * from final
