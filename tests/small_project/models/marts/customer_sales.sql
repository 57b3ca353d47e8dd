{{ config(materialized="view") }}
select customer_key, count(*) as order_lines
from {{ ref('stg_shop__sales') }}
group by customer_key
