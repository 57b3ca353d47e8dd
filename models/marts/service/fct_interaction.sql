{#  Grain: one row a call, chat or service e-mail, abandoned ones included.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='interaction_key',
    meta={'as_was': {
        'customer': 'started_at', 'employee': 'started_at', 'product': 'started_at',
    }},
) }}

with

interactions as (

    select * from {{ ref('int_interactions') }}

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
        {{ durable_id('source_reason_id') }} as named_reason_id,
        started_at_local::date as date_key

    from interactions

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as interaction_key,
        identified.date_key,
        (
            hour(identified.started_at_local) * 60
            + minute(identified.started_at_local)
        )::smallint as time_key,
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
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_record_id', 'identified.id_space') }}
            as interaction_id,
        {{ durable_id('identified.source_case_id', 'identified.id_space') }}
            as case_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        identified.direction,
        identified.is_abandoned,
        identified.started_at,

        -- measures
        1::integer as interaction_count,
        identified.is_abandoned::integer as abandoned_count,
        identified.wait_seconds,
        identified.handle_seconds,
        identified.transfer_count,
        (identified.transfer_count > 0)::integer as transferred_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.started_at'
        ) }}

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.started_at'
        ) }}

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.started_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
