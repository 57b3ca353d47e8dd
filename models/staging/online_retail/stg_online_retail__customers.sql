{#  An account as each of its invoices shows it; only the country can change.  #}

with

source as (

    select * from {{ source('online_retail', 'online_retail') }}

),

final as (

    select
        "CustomerID" || '|' || "InvoiceNo" as source_record_id,
        "CustomerID"::varchar as source_customer_id,
        {{ to_utc('min("InvoiceDate")', 'online_retail') }} as changed_at,
        'business' as customer_type,
        nullif(
            arg_max(trim("Country"), (_loaded_at, _batch_id, _source_file)),
            'Unspecified'
        ) as country,
        max(_loaded_at) as loaded_at,
        max(_batch_id) as batch_id,
        max(_source_file) as source_file

    from source

    where "CustomerID" is not null

    group by "CustomerID", "InvoiceNo"

)

select * from final
