select * from {{ ref('fct_sales_line') }} where amount < {{ var('least_amount') }}
