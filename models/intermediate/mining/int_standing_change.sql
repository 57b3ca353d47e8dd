{#  Grain: one row a customer, scheme and day from which on another label, or another
    version of what tells it, holds. Stage and value tier are told at every month's end,
    segments where customers are placed, the others at the cut-offs that mining observes:
    between them the newest holds. All that tells where customers stood comes from here.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

segments as (

    select * from {{ ref('int_segment_told') }}

),

tiers as (

    select * from {{ ref('int_clv_tier') }}

),

bands as (

    select * from {{ ref('int_churn_band') }}

),

-- both in one pass: these are the most rows by far
month_ends as (

    select
        *,
        lag(lifecycle_stage) over month_by_month as lifecycle_stage_before,
        lag(value_tier) over month_by_month as value_tier_before,
        lag(definition_version) over month_by_month as version_before

    from stages

    where is_in_force

    window month_by_month as (partition by customer_id order by cutoff_date)

),

told_monthly as (

    {% for scheme in ['lifecycle_stage', 'value_tier'] -%}
    select
        id_space,
        customer_id,
        '{{ scheme }}' as scheme,
        {{ scheme }} as label,
        definition_version,
        cutoff_date

    from month_ends

    where
        {{ scheme }} is distinct from {{ scheme }}_before
        or definition_version is distinct from version_before
    {{ 'union all' if not loop.last }}
    {% endfor %}
),

labels as (

    select
        id_space,
        customer_id,
        'segment' as scheme,
        segment_name as label,
        definition_version,
        cutoff_date

    from segments

    union all

    select
        id_space,
        customer_id,
        'clv_tier' as scheme,
        clv_tier as label,
        'upper 20 % and 50 %' as definition_version,
        cutoff_date

    from tiers

    union all

    select
        id_space,
        customer_id,
        'churn_band' as scheme,
        risk_band as label,
        'upper 10 % and 30 %' as definition_version,
        cutoff_date

    from bands

    where churn_type = 'silent'

),

told_at_times as (

    select *

    from labels

    qualify
        (label, definition_version) is distinct from lag(
            (label, definition_version)
        ) over (partition by scheme, customer_id order by cutoff_date)

),

told as (

    select * from told_monthly

    union all

    select * from told_at_times

),

final as (

    select
        id_space,
        customer_id,
        scheme,
        label,
        definition_version,
        cutoff_date as valid_from

    from told

)

select * from final
