{#  Grain: one row a system and load batch that sales lines are from: through which
    business day the system was known before that load.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

final as (

    select * from {{ known_batches('sales_lines') }} as loads

)

select * from final
