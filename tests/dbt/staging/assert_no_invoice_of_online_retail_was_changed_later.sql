-- Lines of this wholesaler have no number, so that a line delivered again with another
-- quantity or price would count beside the old one. Lists the invoices of which a later
-- file shows other lines than an earlier one.

{{ config(severity='warn') }}

with

lines as (

    select
        "InvoiceNo" as invoice_number,
        _batch_id as batch_id,
        _source_file as source_file,
        count(*) as line_count,
        bit_xor(hash("StockCode", "Quantity", "UnitPrice", "InvoiceDate")) as content

    from {{ source('online_retail', 'online_retail') }}

    group by all

)

select
    invoice_number,
    count(*) as deliveries

from lines

group by invoice_number

having count(distinct row(line_count, content)) > 1
