{#  Grain: one row a customer, month's end and version of the definitions. Scores count
    how many frozen limits a customer is above, so that equal customers share a score
    and nobody moves because others did.  #}

with

months as (

    select * from {{ ref('int_customer_definition') }}

),

cycles as (

    select * from {{ ref('py_own_cycle') }}

),

thresholds as (

    select * from {{ ref('int_rfm_threshold') }}

),

measured as (

    select
        months.*,
        {{ finite('cycles.own_cycle_days') }} as own_cycle_days,
        cycles.status,
        cycles.reason,
        5 {%- for fifth in range(1, 5) %}
        - (months.recency_days > thresholds.recency_limits[{{ fifth }}])::integer
        {%- endfor %} as r_score,
        1 {%- for fifth in range(1, 5) %}
        + (
            months.order_day_count_365 > thresholds.frequency_limits[{{ fifth }}]
        )::integer
        {%- endfor %} as f_score,
        1 {%- for fifth in range(1, 5) %}
        + (months.value_amount_365 > thresholds.value_limits[{{ fifth }}])::integer
        {%- endfor %} as m_score,
        case
            when thresholds.tier_limits is null then null
            when months.value_amount_365 > thresholds.tier_limits[2] then 'high'
            when months.value_amount_365 > thresholds.tier_limits[1] then 'medium'
            else 'low'
        end as value_tier

    from months

    left join cycles
        on
            months.id_space = cycles.id_space
            and months.definition_version = cycles.definition_version
            and months.intervals = cycles.intervals
            and months.total_days = cycles.total_days

    left join thresholds
        on
            months.id_space = thresholds.id_space
            and months.definition_version = thresholds.definition_version
            and months.currency_code = thresholds.currency_code

),

final as (

    select
        id_space,
        customer_id,
        cutoff_date,
        definition_version,
        definition_cutoff_date,
        is_current_definition,
        is_current,
        is_in_force,
        currency_code,
        first_order_date,
        last_order_date,
        recency_days,
        order_day_count_365,
        value_amount_365,
        r_score::integer as r_score,
        f_score::integer as f_score,
        m_score::integer as m_score,
        value_tier,
        own_cycle_days,
        recency_days / own_cycle_days as overdue_ratio,
        own_cycle_days - recency_days as days_to_expected_order,
        {{ lifecycle_stage(
            'own_cycle_days', 'recency_days', 'last_interval_days', 'intervals'
        ) }} as lifecycle_stage,
        status,
        reason

    from measured

)

select * from final
