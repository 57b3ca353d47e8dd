{{ config(severity="warn") }}
select * from {{ ref('dim_customer') }} where customer_key = {{ var('suspicious_customer') }}
