{#  Grain: one row a customer, month's end and version of the definitions that holds for
    it.  #}

{{ config(materialized='view') }}

with

month_ends as (

    select * from {{ ref('int_customer_month_end') }}

),

definitions as (

    select * from {{ ref('int_mining_definition') }}

),

final as (

    select
        month_ends.id_space,
        definitions.definition_version,
        definitions.definition_cutoff_date,
        definitions.is_current_definition,
        definitions.is_current,
        definitions.is_in_force,
        month_ends.cutoff_date,
        month_ends.customer_id,
        month_ends.currency_code,
        month_ends.first_order_date,
        month_ends.last_order_date,
        month_ends.recency_days,
        month_ends.order_day_count_365,
        month_ends.value_amount_365,
        (month_ends.order_day_count - 1)::integer as intervals,
        month_ends.total_interval_days as total_days,
        coalesce(month_ends.log_interval_days, 0)::double as log_days,
        month_ends.last_interval_days

    from month_ends

    inner join definitions
        on
            month_ends.id_space = definitions.id_space
            and month_ends.cutoff_date = definitions.cutoff_date

)

select * from final
