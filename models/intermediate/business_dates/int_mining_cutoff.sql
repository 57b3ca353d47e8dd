{#  Grain: one row an id space and month's end that mining looks from: the last whole
    month of the system, or the last that ends by the variable `mining_as_of`, and those
    before it back to the December before last.

    A view that is no part of mining itself: by it a night tells whether a month has
    turned, before it decides whether mining is due.  #}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

-- an outcome is known as far as there are data, whatever the variable as_of says
known as (

    select
        id_space,
        least(as_of, last_business_date) as as_of,
        first_business_date

    from as_of

),

bounded as (

    select
        *,
        least(as_of, date '{{ var('mining_as_of') or '9999-12-31' }}') as last_day

    from known

),

last_ends as (

    select
        id_space,
        as_of,
        first_business_date,
        case
            when last_day = last_day(last_day) then last_day
            else (date_trunc('month', last_day) - interval 1 day)::date
        end as last_cutoff_date

    from bounded

),

ends as (

    select
        id_space,
        as_of,
        first_business_date,
        last_cutoff_date,
        last_day(unnest(generate_series(
            least(
                greatest(
                    date_trunc('month', first_business_date),
                    make_date(year(last_cutoff_date)::integer - 2, 12, 1)
                ),
                date_trunc('month', last_cutoff_date)
            )::timestamp,
            last_cutoff_date::timestamp,
            interval 1 month
        ))) as cutoff_date

    from last_ends

),

labelled as (

    select
        *,
        cutoff_date = last_cutoff_date as is_current,
        (cutoff_date + {{ var('mining_gap_days') }} + 1)::date as label_from,
        (
            cutoff_date
            + {{ var('mining_gap_days') }}
            + {{ var('mining_horizon_days') }}
        )::date as label_to

    from ends

),

final as (

    select
        id_space,
        cutoff_date,
        is_current,
        label_from,
        label_to,
        label_to <= as_of as is_mature,
        is_current
        or (
            label_to <= as_of
            and row_number() over (
                partition by id_space, label_to <= as_of order by cutoff_date desc
            ) <= {{ var('mining_backtests') }}
        ) as is_observed,
        (cutoff_date - first_business_date + 1)::integer as history_days,
        as_of

    from labelled

)

select * from final
