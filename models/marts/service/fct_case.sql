{#  Grain: one row a case, with the milestones that it has reached (accumulating). Times
    between milestones are parts to be added up; a milestone not reached has none.

    Incremental: what a new batch says of a record takes the place of what was known,
    unless that was saved later.  #}

{{ config(
    materialized='incremental',
    unique_key='case_key',
    meta={'newest_by': 'changed_at', 'as_was': {
        'customer': 'opened_at', 'employee': 'opened_at', 'product': 'opened_at',
        'store': 'opened_at',
    }},
) }}

with

cases as (

    select * from {{ ref('int_cases') }}

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
        {{ durable_id('source_reason_id') }} as named_reason_id,
        opened_at_local::date as date_key

    from cases

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as case_key,
        identified.date_key,
        (
            hour(identified.opened_at_local) * 60
            + minute(identified.opened_at_local)
        )::smallint as time_key,
        coalesce(identified.assigned_on, {{ open_end_date() }}) as assigned_date_key,
        coalesce(identified.first_answered_on, {{ open_end_date() }})
            as first_answered_date_key,
        coalesce(identified.resolved_on, {{ open_end_date() }}) as resolved_date_key,
        coalesce(identified.closed_on, {{ open_end_date() }}) as closed_date_key,
        coalesce(identified.reopened_on, {{ open_end_date() }}) as reopened_date_key,
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
        coalesce(reasons.reason_key, {{ special_key('not_applicable') }}) as reason_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_record_id', 'identified.id_space') }}
            as case_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        coalesce(identified.priority, 'unknown') as priority,
        identified.case_status,
        identified.opened_at,
        identified.changed_at,

        -- measures
        1::integer as case_count,
        (identified.case_status not in ('resolved', 'closed'))::integer as open_count,
        (identified.assigned_at is not null)::integer as assigned_count,
        (identified.first_answered_at is not null)::integer as answered_count,
        (identified.resolved_at is not null)::integer as resolved_count,
        (identified.closed_at is not null)::integer as closed_count,
        (identified.reopened_at is not null)::integer as reopened_count,
        (
            datediff('second', identified.opened_at, identified.assigned_at)
            / 3600.0
        )::decimal(18, 4) as hours_to_assign,
        (
            datediff('second', identified.opened_at, identified.first_answered_at)
            / 3600.0
        )::decimal(18, 4) as hours_to_first_answer,
        (
            datediff('second', identified.opened_at, identified.resolved_at)
            / 3600.0
        )::decimal(18, 4) as hours_to_resolve,
        (
            datediff('second', identified.opened_at, identified.closed_at)
            / 3600.0
        )::decimal(18, 4) as hours_to_close,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.opened_at'
        ) }}

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.opened_at'
        ) }}

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.opened_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.opened_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key

)

select * from final
