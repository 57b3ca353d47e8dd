-- The current row of a customer's standing has the labels of the tables that publish
-- them, and every customer who has a row there has one.

with

standings as (

    select * from {{ ref('dim_customer_standing') }}

    where is_current

),

stages as (

    select * from {{ ref('customer_rfm') }}

),

segments as (

    select * from {{ ref('customer_segment') }}

),

customer_values as (

    select * from {{ ref('customer_clv') }}

),

churns as (

    select * from {{ ref('customer_churn') }}

    where churn_type = 'silent'

),

published as (

    select
        customer_values.customer_id,
        stages.lifecycle_stage,
        stages.value_tier,
        segments.segment_name,
        customer_values.clv_tier,
        churns.risk_band as churn_band

    from customer_values

    full join stages
        on customer_values.customer_id = stages.customer_id

    full join segments
        on customer_values.customer_id = segments.customer_id

    full join churns
        on customer_values.customer_id = churns.customer_id

)

select
    published.*,
    standings.customer_id as standing_of

from published

full join standings
    on published.customer_id = standings.customer_id

where
    published.customer_id is null
    or (
        published.lifecycle_stage,
        published.value_tier,
        published.segment_name,
        published.clv_tier,
        published.churn_band
    ) is distinct from (
        standings.lifecycle_stage,
        standings.value_tier,
        standings.segment_name,
        standings.clv_tier,
        standings.churn_band
    )
