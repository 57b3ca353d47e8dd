{#  21: on which step do visitors who do not buy leave?

    A visit of which no step came is shown as such, so that the visits of a channel add
    up to all that ended in no order.  #}

with

visits as (

    select * from {{ ref('fct_visit') }}

),

visit_steps as (

    select * from {{ ref('fct_visit_step') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

visits_by_channel as (

    select
        source_system,
        channel_key,
        sum(visit_count - purchased_count) as visits_without_order

    from visits

    group by source_system, channel_key

),

last_steps as (

    select
        source_system,
        channel_key,
        step_type,
        abandonment_step_number is not null as is_abandoned_basket,
        count(*) as visits,
        sum(stock_out_count) as on_a_stock_out,
        count(*) filter (search_result_count = 0) as on_a_search_without_result

    from visit_steps

    where steps_until_end = 0 and not is_purchase_visit

    group by source_system, channel_key, step_type, is_abandoned_basket

),

without_a_step as (

    select
        visits_by_channel.source_system,
        visits_by_channel.channel_key,
        'none came' as step_type,
        false as is_abandoned_basket,
        any_value(visits_by_channel.visits_without_order)
        - coalesce(sum(last_steps.visits), 0) as visits,
        0 as on_a_stock_out,
        0 as on_a_search_without_result

    from visits_by_channel

    left join last_steps
        on
            visits_by_channel.source_system = last_steps.source_system
            and visits_by_channel.channel_key = last_steps.channel_key

    group by visits_by_channel.source_system, visits_by_channel.channel_key

),

all_steps as (

    select * from last_steps

    union all by name

    select * from without_a_step

    where visits <> 0

),

final as (

    select
        all_steps.source_system,
        channels.channel,
        all_steps.step_type,
        all_steps.is_abandoned_basket,
        all_steps.visits,
        round(
            all_steps.visits / nullif(sum(all_steps.visits) over (
                partition by all_steps.source_system, all_steps.channel_key
            ), 0),
            4
        ) as share_of_leavers,
        all_steps.on_a_stock_out,
        all_steps.on_a_search_without_result

    from all_steps

    inner join channels
        on all_steps.channel_key = channels.channel_key

)

select * from final

order by
    source_system asc,
    channel asc,
    visits desc,
    step_type asc
