{#  Grain: one row a lead, with the milestones that it has reached (accumulating). Who
    reached a later one has passed those before it, noted or not, so that the funnel
    never widens; days need both ends noted.

    Incremental: what a new batch says of a record takes the place of what was known,
    unless that was saved later.  #}

{{ config(
    materialized='incremental',
    unique_key='lead_funnel_key',
    meta={'newest_by': 'changed_at', 'as_was': {
        'customer': 'created_at', 'employee': 'created_at', 'product': 'created_at',
        'store': 'created_at',
    }},
) }}

with

leads as (

    select * from {{ ref('int_leads') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

employees as (

    select * from {{ ref('dim_employee') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_product_id') }} as named_product_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_cell_id') }} as named_cell_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        created_at_local::date as date_key

    from leads

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as lead_funnel_key,
        identified.date_key,
        (
            hour(identified.created_at_local) * 60
            + minute(identified.created_at_local)
        )::smallint as time_key,
        coalesce(identified.contacted_on, {{ open_end_date() }}) as contacted_date_key,
        coalesce(identified.qualified_on, {{ open_end_date() }}) as qualified_date_key,
        coalesce(identified.offered_on, {{ open_end_date() }}) as offered_date_key,
        coalesce(identified.converted_on, {{ open_end_date() }}) as converted_date_key,
        coalesce(identified.lost_on, {{ open_end_date() }}) as lost_date_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(products.product_key, {{ special_key('not_applicable') }})
            as product_key,
        coalesce(products.product_id, 'not_applicable') as product_id,
        coalesce(stores.store_key, {{ special_key('not_applicable') }}) as store_key,
        coalesce(stores.store_id, 'not_applicable') as store_id,
        coalesce(cells.cell_key, {{ special_key('not_applicable') }}) as cell_key,
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_record_id', 'identified.id_space') }}
            as lead_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        {{ durable_id('identified.source_referrer_id', 'identified.id_space') }}
            as referrer_customer_id,
        identified.lead_source,
        case
            when identified.converted_at is not null then 'converted'
            when identified.lost_at is not null then 'lost'
            when identified.offered_at is not null then 'offered'
            when identified.qualified_at is not null then 'qualified'
            when identified.contacted_at is not null then 'contacted'
            else 'created'
        end as lead_status,
        identified.created_at,
        identified.changed_at,

        -- measures
        1::integer as lead_count,
        (
            coalesce(
                identified.contacted_at,
                identified.qualified_at,
                identified.offered_at,
                identified.converted_at
            ) is not null
        )::integer as contacted_count,
        (
            coalesce(
                identified.qualified_at,
                identified.offered_at,
                identified.converted_at
            ) is not null
        )::integer as qualified_count,
        (
            coalesce(
                identified.offered_at,
                identified.converted_at
            ) is not null
        )::integer as offered_count,
        (identified.converted_at is not null)::integer as converted_count,
        (
            identified.lost_at is not null and identified.converted_at is null
        )::integer as lost_count,
        (identified.source_referrer_id is not null)::integer as referral_count,
        (
            datediff('second', identified.created_at, identified.contacted_at)
            / 86400.0
        )::decimal(18, 4) as days_created_to_contacted,
        (
            datediff('second', identified.contacted_at, identified.qualified_at)
            / 86400.0
        )::decimal(18, 4) as days_contacted_to_qualified,
        (
            datediff('second', identified.qualified_at, identified.offered_at)
            / 86400.0
        )::decimal(18, 4) as days_qualified_to_offered,
        (
            datediff('second', identified.offered_at, identified.converted_at)
            / 86400.0
        )::decimal(18, 4) as days_offered_to_converted,
        (
            datediff('second', identified.created_at, identified.converted_at)
            / 86400.0
        )::decimal(18, 4) as days_created_to_converted,
        (
            datediff('second', identified.created_at, identified.lost_at)
            / 86400.0
        )::decimal(18, 4) as days_created_to_lost,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.created_at'
        ) }}

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.created_at'
        ) }}

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.created_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.created_at'
        ) }}

    left join cells
        on identified.named_cell_id = cells.cell_id

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
