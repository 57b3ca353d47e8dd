{#  Grain: one row a model, id space, month's end that is learned from, and group of
    customers who are alike in one number: days since the last order, or days for which
    a subscription was held. What share of them left is the rule that a model has to
    beat.  #}

with

churn as (

    select * from {{ ref('obs_churn') }}

),

cancel as (

    select * from {{ ref('obs_cancel') }}

),

told as (

    select
        'churn' as model,
        id_space,
        cutoff_date,
        recency_days as days,
        label_churned

    from churn

    where is_training and label_churned is not null

    union all

    select
        'cancel' as model,
        id_space,
        cutoff_date,
        held_days as days,
        label_churned

    from cancel

    where is_training and label_churned is not null

),

-- twenty groups, or fewer of a hundred customers; equal days share a group
grouped as (

    select
        *,
        count(*) over parts as customers,
        avg(label_churned) over parts as overall_rate,
        rank() over (
            partition by model, id_space, cutoff_date order by days
        ) - 1 as place,
        least(20, 1 + count(*) over parts // 100) as groups

    from told

    window parts as (partition by model, id_space, cutoff_date)

),

final as (

    select
        model,
        id_space,
        cutoff_date,
        (place * groups // customers)::integer as day_group,
        -- the first group begins before all days
        case
            when place * groups // customers = 0 then -1 else min(days)
        end::integer as days_from,
        count(*)::integer as customers,
        sum(label_churned)::integer as churned,
        -- as if one customer more were like all
        ((sum(label_churned) + any_value(overall_rate)) / (count(*) + 1))::double
            as churn_rate

    from grouped

    group by
        model,
        id_space,
        cutoff_date,
        place * groups // customers

)

select * from final
