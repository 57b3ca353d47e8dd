{#  Grain: one row a customer, as of the end of the last whole month. Where the model
    did not beat the naive baseline at past cut-offs, the baseline is published.  #}

with

observations as (

    select * from {{ ref('obs_customer') }}

),

customer_values as (

    select * from {{ ref('py_customer_value') }}

),

tiers as (

    select * from {{ ref('int_clv_tier') }}

),

final as (

    select
        tiers.id_space,
        tiers.customer_id,
        tiers.cutoff_date as as_of,
        tiers.currency_code,
        observations.value_basis,
        {{ finite('customer_values.p_alive') }} as p_alive,
        {{ finite('customer_values.expected_order_days') }} as expected_order_days,
        {{ finite('customer_values.expected_value') }} as expected_value,
        {{ finite('customer_values.model_value_365') }} as model_clv,
        customer_values.baseline_value_365 as baseline_clv,
        tiers.clv,
        {% for end in ['lo', 'hi'] -%}
        case
            when tiers.method = 'model'
                then {{ finite('customer_values.model_value_365_' ~ end) }}
        end as clv_{{ end }},
        {% endfor -%}
        tiers.clv_tier,
        observations.value_amount as historic_value,
        tiers.method,
        tiers.verdict,
        customer_values.status,
        coalesce(customer_values.reason, '') as reason

    from tiers

    inner join observations
        on
            tiers.customer_id = observations.customer_id
            and tiers.cutoff_date = observations.cutoff_date

    inner join customer_values
        on
            tiers.customer_id = customer_values.customer_id
            and tiers.cutoff_date = customer_values.cutoff_date

    where tiers.is_current

)

select * from final
