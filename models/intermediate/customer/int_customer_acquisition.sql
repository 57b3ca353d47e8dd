{#  Grain: one row a customer with at least one order line. How they came: fixed at
    their first line, by time, then by record.  #}

with

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

first_lines as (

    select *

    from order_lines

    where source_customer_id is not null

    qualify
        row_number() over (
            partition by id_space, source_customer_id
            order by ordered_at, source_record_id
        ) = 1

),

final as (

    select
        {{ durable_id('source_customer_id') }} as customer_id,
        ordered_at_local::date as acquisition_date,
        channel_code as acquisition_channel_code,
        {{ durable_id('source_product_id') }} as first_product_id

    from first_lines

)

select * from final
