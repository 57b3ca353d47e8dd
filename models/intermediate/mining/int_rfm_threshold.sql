{#  Grain: one row an id space, version of the definitions and currency: the fifths of
    recency, frequency and value, and the tiers of value, as they were when the version
    was drawn.  #}

with

months as (

    select * from {{ ref('int_customer_definition') }}

),

final as (

    select
        id_space,
        definition_version,
        currency_code,
        any_value(definition_cutoff_date) as definition_cutoff_date,
        count(*) as customers,
        quantile_cont(recency_days, [0.2, 0.4, 0.6, 0.8]) as recency_limits,
        quantile_cont(order_day_count_365, [0.2, 0.4, 0.6, 0.8]) as frequency_limits,
        quantile_cont(value_amount_365::double, [0.2, 0.4, 0.6, 0.8]) as value_limits,
        quantile_cont(value_amount_365::double, [0.5, 0.8]) as tier_limits

    from months

    where cutoff_date = definition_cutoff_date and currency_code <> 'mixed'

    group by id_space, definition_version, currency_code

)

select * from final
