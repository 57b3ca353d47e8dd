{#  Grain: one row a customer with a live subscription, and cut-off. Features are what
    had happened and was recorded by then; labels are whether one was cancelled after
    the gap.  #}

with

events as (

    select * from {{ ref('int_known_subscription_event') }}

),

cutoffs as (

    select * from {{ ref('int_churn_cutoff') }}

),

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

-- the only door: happened and recorded by the cut-off
known_events as (

    select
        cutoffs.cutoff_date,
        events.*

    from events

    inner join cutoffs
        on
            events.id_space = cutoffs.id_space
            and events.date_key <= cutoffs.cutoff_date
            and events.recorded_on <= cutoffs.cutoff_date

),

histories as (

    select
        *,
        min(date_key) over subscriptions as first_date,
        count(*) filter (event_type = 'change') over subscriptions as changes,
        count(*) filter (event_type = 'reactivate') over subscriptions as returns

    from known_events

    window subscriptions as (partition by cutoff_date, subscription_id)

    qualify
        row_number() over (
            partition by cutoff_date, subscription_id
            order by occurred_at desc, source_record_id desc
        ) = 1

),

live as (

    select
        id_space,
        cutoff_date,
        customer_id,
        count(*) as subscriptions,
        sum(mrr_amount) as mrr_amount,
        case
            when min(currency_code) = max(currency_code) then min(currency_code)
            else 'mixed'
        end as currency_code,
        max(cutoff_date - first_date) as held_days,
        min(cutoff_date - date_key) as days_since_change,
        max(
            greatest(
                (date_key + to_months(contract_months::integer))::date, cutoff_date
            ) - cutoff_date
        ) as contract_days_left,
        max(plan_rank) as plan_rank,
        sum(changes) as changes,
        max((returns > 0)::integer) as came_back

    from histories

    where event_type <> 'cancel'

    group by
        id_space,
        cutoff_date,
        customer_id

),

outcomes as (

    select distinct
        cutoffs.cutoff_date,
        events.customer_id

    from events

    inner join cutoffs
        on
            events.id_space = cutoffs.id_space
            and events.date_key between cutoffs.label_from and cutoffs.label_to
            and events.recorded_on <= cutoffs.labelled_by

    where events.event_type = 'cancel'

),

final as (

    select
        live.id_space,
        live.customer_id,
        live.cutoff_date,
        cutoffs.is_current,
        cutoffs.is_mature,
        cutoffs.is_scored,
        cutoffs.is_training,
        cutoffs.training_cutoff_date,
        cutoffs.label_from,
        cutoffs.label_to,
        live.subscriptions::integer as subscriptions,
        live.currency_code,
        live.mrr_amount::decimal(18, 2) as mrr_amount,
        live.held_days::integer as held_days,
        live.days_since_change::integer as days_since_change,
        live.contract_days_left::integer as contract_days_left,
        ln(1 + live.held_days)::double as held,
        ln(1 + live.days_since_change)::double as since_change,
        ln(1 + live.contract_days_left)::double as contract_left,
        ln(1 + greatest(live.mrr_amount, 0))::double as price,
        live.plan_rank::double as plan_rank,
        live.changes::double as changes,
        live.came_back::double as came_back,
        ln(1 + month_ends.recency_days)::double as silence,
        month_ends.recency_days,
        case
            when cutoffs.is_mature
                then (outcomes.customer_id is not null)::integer
        end::integer as label_churned

    from live

    inner join cutoffs
        on
            live.id_space = cutoffs.id_space
            and live.cutoff_date = cutoffs.cutoff_date

    left join month_ends
        on
            live.customer_id = month_ends.customer_id
            and live.cutoff_date = month_ends.cutoff_date

    left join outcomes
        on
            live.customer_id = outcomes.customer_id
            and live.cutoff_date = outcomes.cutoff_date

)

select * from final
