{{ config(contract={"enforced": true}) }}
select * from {{ ref('stg_shop__sales') }} order by order_date desc, line_number
