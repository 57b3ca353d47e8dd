{#  Grain: one row a customer and cut-off that churn is scored at: days to the next
    order by the own rhythm and by the mean interval, and how many it took.  #}

with

histories as (

    select * from {{ ref('int_order_history') }}

),

dues as (

    select * from {{ ref('py_next_order') }}

),

observations as (

    select * from {{ ref('obs_churn') }}

),

-- who ordered once is thought to be like all
usual as (

    select
        id_space,
        cutoff_date,
        sum(total_days) / nullif(sum(intervals), 0) as usual_days

    from histories

    group by id_space, cutoff_date

),

final as (

    select
        histories.id_space,
        histories.customer_id,
        histories.cutoff_date,
        observations.is_current,
        {% for column in ['due_lo', 'due_p50', 'due_hi', 'own_cycle_days'] -%}
        {{ finite('dues.' ~ column) }} as {{ column }},
        {% endfor -%}
        greatest(
            coalesce(
                histories.total_days / nullif(histories.intervals, 0),
                usual.usual_days
            ) - histories.silent_days,
            1
        )::double as baseline_days,
        dues.status::varchar as status,
        dues.reason::varchar as reason,
        case when observations.is_mature then observations.label_days_to_order end
            as days

    from histories

    inner join observations
        on
            histories.customer_id = observations.customer_id
            and histories.cutoff_date = observations.cutoff_date

    inner join usual
        on
            histories.id_space = usual.id_space
            and histories.cutoff_date = usual.cutoff_date

    left join dues
        on
            histories.id_space = dues.id_space
            and histories.cutoff_date = dues.cutoff_date::date
            and histories.intervals = dues.intervals
            and histories.total_days = dues.total_days
            and histories.silent_days = dues.silent_days

)

select * from final
