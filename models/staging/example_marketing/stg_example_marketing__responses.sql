{#  One row a response event. The tool links it to a contact where it can; without that
    the link to the cell is a guess by time.  #}

with

source as (

    select * from {{ source('example_marketing', 'responses') }}

),

final as (

    select
        response_id as source_record_id,
        party_id as source_customer_id,
        cell_id as source_cell_id,
        product_id as source_product_id,
        ({{ business_time('responded_at', 'example_marketing') }})::date
            as responded_on,
        {{ to_utc('responded_at', 'example_marketing') }} as responded_at,
        {{ business_time('responded_at', 'example_marketing') }} as responded_at_local,
        channel_code,
        response_type,
        order_id as source_order_id,
        contact_id is null as is_inferred,
        'EUR' as currency_code,
        value_amount,
        {{ record_columns() }}

    from source

)

select * from final
