{#  Grain: one row an id space with subscriptions. The day that its snapshots run to:
    the company's own (int_as_of), or the day of its last event where the company has
    no order lines. Events dated after it wait for their day.  #}

with

subscription_events as (

    select * from {{ ref('int_subscription_events') }}

),

as_of as (

    select * from {{ ref('int_as_of') }}

),

last_events as (

    select
        id_space,
        max(occurred_at_local)::date as last_event_on

    from subscription_events

    group by id_space

),

final as (

    select
        last_events.id_space,
        coalesce(
            {{ "date '" ~ var('as_of') ~ "'," if var('as_of') }}
            as_of.as_of,
            last_events.last_event_on
        ) as as_of

    from last_events

    left join as_of
        on last_events.id_space = as_of.id_space

)

select * from final
