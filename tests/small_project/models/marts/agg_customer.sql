select customer_key, sum(line_number) as line_numbers, sum(amount) as amount
from {{ ref('fct_sales_line') }} group by customer_key order by customer_key
