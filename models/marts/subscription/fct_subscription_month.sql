{#  Grain: one row a subscription and month in which it was live at the beginning or at
    the end or something happened to it; months in which it lay idle have none.

    Movements are those of the events, so that a month in which somebody left and came
    back shows both, and they balance to the cent: opening + new + expansion +
    contraction + churn + reactivation = closing, and closing is next month's opening.
    A month is made of the events of one subscription only.  #}

{% set movements = ['new', 'expansion', 'contraction', 'churn', 'reactivation'] %}

with

changes as (

    select * from {{ ref('int_subscription_changes') }}

),

as_of as (

    select * from {{ ref('int_subscription_as_of') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

plans as (

    select * from {{ ref('dim_plan_product') }}

),

dated as (

    select
        changes.*,
        as_of.as_of,
        date_trunc('month', changes.occurred_at_local)::date as month_start

    from changes

    inner join as_of
        on
            changes.id_space = as_of.id_space
            and changes.occurred_at_local::date <= as_of.as_of

),

last_states as (

    select *

    from dated

    qualify
        row_number() over (
            partition by subscription_id, month_start
            order by occurred_at desc, source_record_id desc
        ) = 1

),

moved as (

    select
        subscription_id,
        month_start,
        count(*) as event_count,
        {% for movement in movements -%}
        sum(case when movement = '{{ movement }}' then mrr_change else 0 end)
            as {{ movement }}_mrr_amount,
        count(*) filter (movement = '{{ movement }}') as {{ movement }}_count,
        {% endfor -%}
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from dated

    group by subscription_id, month_start

),

followed as (

    select
        *,
        case
            when mrr_amount = 0 then month_start
            else coalesce(
                lead(month_start) over (
                    partition by subscription_id order by month_start
                ) - interval 1 month,
                date_trunc('month', as_of)
            )
        end::date as last_month

    from last_states

),

months as (

    select
        subscription_id,
        customer_id,
        case when mrr_amount > 0 then plan_id end as plan_id,
        currency_code,
        mrr_amount as closing_mrr_amount,
        source_system,
        loaded_at,
        batch_id,
        as_of,
        unnest(generate_series(
            month_start::timestamp, last_month::timestamp, interval 1 month
        ))::date as month_start

    from followed

),

states as (

    select
        months.subscription_id,
        months.month_start,
        last_day(months.month_start) as month_end,
        last_day(months.month_start) <= months.as_of as is_complete_month,
        months.customer_id,
        months.plan_id,
        months.currency_code,
        months.closing_mrr_amount,
        coalesce(moved.event_count, 0) as event_count,
        {% for movement in movements -%}
        coalesce(moved.{{ movement }}_mrr_amount, 0) as {{ movement }}_mrr_amount,
        coalesce(moved.{{ movement }}_count, 0) as {{ movement }}_count,
        {% endfor -%}
        months.source_system,
        coalesce(moved.loaded_at, months.loaded_at) as loaded_at,
        coalesce(moved.batch_id, months.batch_id) as batch_id

    from months

    left join moved
        on
            months.subscription_id = moved.subscription_id
            and months.month_start = moved.month_start

),

balanced as (

    select
        *,
        lag(closing_mrr_amount, 1, 0) over life as opening_mrr_amount,
        lag(plan_id) over life as opening_plan_id

    from states

    window life as (partition by subscription_id order by month_start)

),

final as (

    select
        -- keys
        {{ surrogate_key(['balanced.subscription_id', 'balanced.month_start']) }}
            as subscription_month_key,
        balanced.month_end as date_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(opening_plans.plan_key, {{ special_key('not_applicable') }})
            as opening_plan_key,
        coalesce(plans.plan_key, {{ special_key('not_applicable') }}) as plan_key,

        -- degenerate dimensions
        balanced.subscription_id,
        balanced.month_start,
        balanced.is_complete_month,

        -- measures
        balanced.currency_code,
        balanced.opening_mrr_amount::decimal(18, 2) as opening_mrr_amount,
        {% for movement in movements -%}
        balanced.{{ movement }}_mrr_amount::decimal(18, 2)
            as {{ movement }}_mrr_amount,
        {% endfor -%}
        balanced.closing_mrr_amount,
        (balanced.opening_mrr_amount > 0)::integer as opening_count,
        {% for movement in movements -%}
        balanced.{{ movement }}_count::integer as {{ movement }}_count,
        {% endfor -%}
        (balanced.closing_mrr_amount > 0)::integer as closing_count,
        balanced.event_count::integer as event_count,

        -- lineage
        balanced.source_system,
        balanced.subscription_id || '|' || balanced.month_start as source_record_id,
        balanced.loaded_at,
        balanced.batch_id

    from balanced

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='balanced.customer_id', at='balanced.month_end'
        ) }}

    left join plans
        on {{ as_was(
            'plans', 'plan_id', of='balanced.plan_id', at='balanced.month_end'
        ) }}

    left join plans as opening_plans
        on {{ as_was(
            'opening_plans', 'plan_id', of='balanced.opening_plan_id', at='balanced.month_start'
        ) }}

    order by balanced.month_end

)

select * from final
