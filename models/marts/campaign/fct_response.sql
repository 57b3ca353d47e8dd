{#  Grain: one row a response event. It counts as a response when the customer was
    contacted in the cell that it answers, on a day of the cell's window.

    Incremental: the records of new batches are added, or take the place of what was
    known of them; and whether it counts is asked again where a contact of the customer
    came or went, or the cell changed.  #}

{{ config(
    materialized='incremental',
    unique_key='response_key',
    meta={'as_was': {
        'customer': 'coalesce(responded_at, date_key::timestamp)',
        'product': 'coalesce(responded_at, date_key::timestamp)',
        'store': 'coalesce(responded_at, date_key::timestamp)',
    }},
) }}

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

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_cell_id') }} as named_cell_id,
        {{ durable_id('source_offer_id') }} as named_offer_id,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        coalesce(responded_at, responded_on::timestamp) as looked_up_at

    from responses

),

looked_up as (

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
        coalesce(products.product_id, 'not_applicable') as product_id,
        coalesce(stores.store_key, {{ special_key('unknown') }}) as store_key,
        coalesce(stores.store_id, 'unknown') as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        identified.response_type,
        identified.is_inferred,
        identified.responded_at,
        identified.responded_at_local,

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

),

{% if is_incremental() -%}
contacted_anew as (

    select contacts.customer_id

    from contacts

    where {{ may_have_changed('fct_contact', 'contacts') }}

    union

    select replaced_rows.customer_id

    from intermediate.replaced_row as replaced_rows

    where
        replaced_rows.model = 'fct_contact'
        and replaced_rows.replaced_at > {{ loaded_through() }}

),

changed_cells as (

    select cells.cell_key

    from cells

    where {{ may_have_changed('dim_campaign_cell', 'cells') }}

),

asked_again as (

    select
        * exclude (counts_as_response, days_since_contact),
        counts_as_response as counted_before,
        days_since_contact as days_before

    from {{ this }}

    where
        (
            customer_id in (select contacted_anew.customer_id from contacted_anew)
            or cell_key in (select changed_cells.cell_key from changed_cells)
        )
        and response_key not in (select looked_up.response_key from looked_up)

),

{% endif -%}
answers as (

    select * from looked_up
    {% if is_incremental() %}
    union all by name

    select * from asked_again
    {% endif %}
),

contacted as (

    select
        customer_id,
        cell_key,
        min(date_key) as contacted_on

    from contacts

    where
        is_contacted
        and customer_id <> 'unknown'
        and cell_key <> {{ special_key('unknown') }}
        {%- if is_incremental() %}
        and customer_id in (select answers.customer_id from answers)
        {%- endif %}

    group by customer_id, cell_key

),

judged as (

    select
        answers.*,
        coalesce(
            contacted.customer_id is not null
            and answers.date_key >= contacted.contacted_on
            and answers.date_key <= coalesce(cells.ends_on, {{ open_end_date() }}),
            false
        ) as counts_as_response,
        (answers.date_key - contacted.contacted_on)::integer as days_since_contact

    from answers

    left join contacted
        on
            answers.customer_id = contacted.customer_id
            and answers.cell_key = contacted.cell_key

    left join cells
        on answers.cell_key = cells.cell_key

),

final as (

    select * {{ 'exclude (counted_before, days_before)' if is_incremental() }}

    from judged
    {% if is_incremental() %}
    where
        counted_before is null
        or counted_before <> counts_as_response
        or days_before is distinct from days_since_contact
    {% endif %}
    order by date_key

)

select * from final
