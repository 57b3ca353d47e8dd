{#  One row an invoice line.

    Lines have no number. The same line (invoice, article, quantity, price, time) in
    two files is one record; repeated inside a file it is a record each time, since
    the wholesaler's totals count it so, and data_issue says exact_duplicate.  #}

with

source as (

    select * from {{ source('online_retail', 'online_retail') }}

),

numbered as (

    select
        *,
        upper(trim("StockCode")) as stock_code,
        row_number() over (
            partition by
                "InvoiceNo",
                "StockCode",
                "Quantity",
                "UnitPrice",
                "InvoiceDate",
                _batch_id,
                _source_file
            order by _row_number
        ) as repeat_number

    from source

),

kinds as (

    select
        *,
        case
            when "InvoiceNo" like 'C%' then 'return'
            when "InvoiceNo" like 'A%' or "Quantity" < 0 then 'adjustment'
            when {{ is_article('stock_code') }} then 'sale'
            else 'charge'
        end as line_type

    from numbered

),

final as (

    select
        -- ids
        concat_ws(
            '|', "InvoiceNo", "StockCode", "Quantity", "UnitPrice", "InvoiceDate",
            repeat_number
        ) as source_record_id,
        "InvoiceNo" as source_order_id,
        "CustomerID"::varchar as source_customer_id,
        case
            when line_type = 'adjustment' then 'not_applicable' else 'anonymous'
        end as customer_absence,
        stock_code as source_product_id,
        'not_applicable' as store_absence,

        -- time
        {{ to_utc('"InvoiceDate"', 'online_retail') }} as ordered_at,
        {{ business_time('"InvoiceDate"', 'online_retail') }} as ordered_at_local,

        -- kinds
        'web_shop' as channel_code,
        line_type,
        case
            when repeat_number > 1 then 'exact_duplicate'
            when "UnitPrice" < 0 then 'negative_price'
            when "UnitPrice" = 0 then 'no_price'
            else 'none'
        end as data_issue,

        -- measures
        "Quantity" as quantity,
        'piece' as unit_of_measure,
        'GBP' as currency_code,
        "UnitPrice" as unit_price,
        round("Quantity" * "UnitPrice", 2) as gross_amount,
        0 as discount_amount,
        round("Quantity" * "UnitPrice", 2) as net_amount,
        0 as reimbursed_amount,

        {{ record_columns() }}

    from kinds

)

select * from final
