{#  Grain: one row a sales line, with the business day on which it was recorded.

    A line of the first load counts as recorded when it happened. A line that came later
    was not there on the days through which the system was known before: it was recorded
    on the day after those at the earliest, whenever it happened. A corrected line was
    recorded when the correction came.  #}

{{ config(materialized='view') }}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select * from {{ ref('int_sales_batch') }}

),

final as (

    select
        {{ id_space_of_system('sales_lines.source_system') }} as id_space,
        case
            when batches.known_through >= sales_lines.date_key
                then batches.known_through + 1
            else sales_lines.date_key
        end as recorded_on,
        sales_lines.date_key,
        case
            when sales_lines.customer_key not between -4 and -1
                then sales_lines.customer_id
        end as customer_id,
        sales_lines.order_key,
        sales_lines.product_id,
        sales_lines.line_type,
        sales_lines.channel_key,
        sales_lines.store_id,
        sales_lines.time_key,
        sales_lines.currency_code,
        sales_lines.quantity,
        sales_lines.gross_amount,
        sales_lines.net_amount,
        case
            -- nothing is bought to earn them
            when sales_lines.line_type in ('charge', 'adjustment')
                then coalesce(
                    sales_lines.margin_amount,
                    sales_lines.net_amount - coalesce(sales_lines.tax_amount, 0)
                )
            else sales_lines.margin_amount
        end::decimal(18, 2) as margin_amount

    from sales_lines

    inner join batches
        on
            sales_lines.source_system = batches.source_system
            and sales_lines.batch_id = batches.batch_id

)

select * from final
