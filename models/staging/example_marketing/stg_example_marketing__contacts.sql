{#  One row a customer assigned to a cell. Who was held out, or whose mail came back,
    was not contacted; what it cost was spent all the same.  #}

with

source as (

    select * from {{ source('example_marketing', 'contacts') }}

),

final as (

    select
        contact_id as source_record_id,
        cell_id as source_cell_id,
        party_id as source_customer_id,
        assigned_on,
        {{ to_utc('contacted_at', 'example_marketing') }} as contacted_at,
        status = 'sent' as is_contacted,
        channel_code,
        offer_id as source_offer_id,
        'EUR' as currency_code,
        cost_amount,
        {{ record_columns() }}

    from source

)

select * from final
