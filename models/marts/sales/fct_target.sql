{#  Grain: one row a plan version, month, region, department and loyalty tier.

    A target is planned above the grain of any dimension, so what it is for stands on
    the row. Versions of a plan are never added up: name one. Against sales, add up each
    on its own by the same columns, then join (analysis 22).

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='target_key',
) }}

with

targets as (

    select * from {{ ref('int_targets') }}

),

final as (

    select
        -- keys
        {{ surrogate_key(['source_system', 'source_record_id']) }} as target_key,
        month_start as date_key,

        -- degenerate dimensions
        {{ durable_id('plan_version') }} as plan_version,
        region,
        department,
        loyalty_tier,

        -- measures
        currency_code,
        target_net_amount,
        target_order_count,

        -- lineage
        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from targets

    order by month_start, source_system

)

select * from final
