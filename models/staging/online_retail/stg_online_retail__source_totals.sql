{#  What the invoices add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='online_retail',
        table='online_retail',
        fact='fct_sales_line',
        business_date='('
            ~ business_time('"InvoiceDate"', 'online_retail') ~ ')::date',
        measures={
            'sales lines': '1',
            'quantity': '"Quantity"',
            'gross amount': 'round("Quantity" * "UnitPrice", 2)',
            'net amount': 'round("Quantity" * "UnitPrice", 2)',
        },
        fingerprint=[
            '"InvoiceNo"', '"StockCode"', '"Quantity"', '"UnitPrice"',
            '"InvoiceDate"',
        ],
    ) }}

)

select * from final
