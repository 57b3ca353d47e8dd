{#  Grain: one row a response event. It counts as a response when the customer was
    contacted in the cell that it answers, on a day of the cell's window.  #}

with

responses as (

    select * from {{ ref('int_responses') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

contacted as (

    select
        customer_id,
        cell_key,
        min(date_key) as contacted_on

    from contacts

    where is_contacted

    group by customer_id, cell_key

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_cell_id') }} as named_cell_id,
        {{ durable_id('source_offer_id') }} as named_offer_id,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        coalesce(responded_at_local, responded_on::timestamp) as looked_up_at

    from responses

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as response_key,
        identified.responded_on as date_key,
        coalesce(
            hour(identified.responded_at_local) * 60
            + minute(identified.responded_at_local),
            -1
        )::smallint as time_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(cells.cell_key, {{ special_key('unknown') }}) as cell_key,
        coalesce(offers.offer_key, {{ special_key('not_applicable') }}) as offer_key,
        coalesce(products.product_key, {{ special_key('not_applicable') }})
            as product_key,
        coalesce(stores.store_key, {{ special_key('unknown') }}) as store_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        identified.response_type,
        identified.is_inferred,
        coalesce(
            contacted.customer_id is not null
            and identified.responded_on >= contacted.contacted_on
            and identified.responded_on
            <= coalesce(cells.ends_on, {{ open_end_date() }}),
            false
        ) as counts_as_response,
        (identified.responded_on - contacted.contacted_on)::integer
            as days_since_contact,

        -- measures
        1::integer as response_count,
        identified.currency_code,
        identified.value_amount,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.looked_up_at'
        ) }}

    left join cells
        on identified.named_cell_id = cells.cell_id

    left join offers
        on identified.named_offer_id = offers.offer_id

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.looked_up_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.looked_up_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    left join contacted
        on
            customers.customer_id = contacted.customer_id
            and cells.cell_key = contacted.cell_key

    order by identified.responded_on

)

select * from final
