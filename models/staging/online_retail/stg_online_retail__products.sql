{#  An article under the text that it was last sold by. Codes differ in case only
    between clerks; a text on a line without a price is a clerk's note, not a name.  #}

with

source as (

    select * from {{ source('online_retail', 'online_retail') }}

),

final as (

    select
        upper(trim("StockCode")) as source_record_id,
        upper(trim("StockCode")) as source_product_id,
        null::timestamp as changed_at,
        coalesce(
            arg_max(
                trim("Description"),
                ("InvoiceDate", _loaded_at, "InvoiceNo", _row_number)
            ) filter ("UnitPrice" > 0 and "Description" is not null),
            upper(trim("StockCode"))
        ) as product_name,
        'piece' as unit_of_measure,
        {{ is_article('upper(trim("StockCode"))') }} as is_merchandise,
        max(_loaded_at) as loaded_at,
        max(_batch_id) as batch_id,
        max(_source_file) as source_file

    from source

    group by upper(trim("StockCode"))

)

select * from final
