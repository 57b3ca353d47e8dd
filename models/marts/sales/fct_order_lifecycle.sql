{#  Grain: one row an order with the milestones that it has reached (accumulating), as
    its newest change says. A milestone that is not reached has the date key 9999-12-31.

    Lags are whole business days, parts to be added up: an average is the sum over the
    count of those that reached the milestone. Late is known once it is delivered.

    Incremental by order: an older change that comes late does not win.  #}

{{ config(
    materialized='incremental',
    unique_key='order_key',
    meta={
        'newest_by': 'changed_at',
        'as_was': {
            'customer': 'ordered_at', 'store': 'ordered_at', 'employee': 'ordered_at',
        },
    },
) }}

with

orders as (

    select * from {{ ref('int_orders') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

employees as (

    select * from {{ ref('dim_employee') }}

),

reasons as (

    select * from {{ ref('dim_reason') }}

),

identified as (

    select
        *,
        {{ durable_id('source_order_id') }} as order_id,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_reason_id') }} as named_reason_id,
        ordered_at_local::date as date_key

    from orders

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.order_id']) }} as order_key,
        identified.date_key,
        (
            hour(identified.ordered_at_local) * 60
            + minute(identified.ordered_at_local)
        )::smallint as time_key,
        coalesce(identified.paid_on, {{ open_end_date() }}) as paid_date_key,
        coalesce(identified.picked_on, {{ open_end_date() }}) as picked_date_key,
        coalesce(identified.shipped_on, {{ open_end_date() }}) as shipped_date_key,
        coalesce(identified.promised_on, {{ open_end_date() }}) as promised_date_key,
        coalesce(identified.delivered_on, {{ open_end_date() }}) as delivered_date_key,
        coalesce(identified.cancelled_on, {{ open_end_date() }}) as cancelled_date_key,
        coalesce(identified.returned_on, {{ open_end_date() }}) as returned_date_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(stores.store_key, {{ absent_key('identified.store_absence') }})
            as store_key,
        coalesce(stores.store_id, {{ absent_id('identified.store_absence') }})
            as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(
            reasons.reason_key,
            case
                when identified.source_reason_id is null
                    then {{ special_key('not_applicable') }}
                else {{ special_key('unknown') }}
            end
        )::bigint as abnormal_reason_key,

        -- degenerate dimensions
        identified.order_id,
        case
            when identified.cancelled_at is not null then 'cancelled'
            when identified.returned_at is not null then 'returned'
            when identified.delivered_at is not null then 'delivered'
            when identified.shipped_at is not null then 'shipped'
            when identified.picked_at is not null then 'picked'
            when identified.paid_at is not null then 'paid'
            else 'ordered'
        end as order_status,
        coalesce(identified.payment_method, 'unknown') as payment_method,
        coalesce(identified.is_gift, false) as is_gift,
        coalesce(identified.delivered_on > identified.promised_on, false) as is_late,
        identified.ordered_at,
        identified.changed_at,

        -- measures
        1::integer as order_count,
        (identified.paid_at is not null)::integer as paid_count,
        (identified.picked_at is not null)::integer as picked_count,
        (identified.shipped_at is not null)::integer as shipped_count,
        (identified.delivered_at is not null)::integer as delivered_count,
        (identified.cancelled_at is not null)::integer as cancelled_count,
        (identified.returned_at is not null)::integer as returned_count,
        (identified.promised_on is not null)::integer as promised_count,
        coalesce(identified.delivered_on <= identified.promised_on, false)::integer
            as on_time_count,
        coalesce(identified.delivered_on > identified.promised_on, false)::integer
            as late_count,
        (identified.paid_on - identified.date_key)::integer as days_to_pay,
        (identified.picked_on - identified.date_key)::integer as days_to_pick,
        (identified.shipped_on - identified.date_key)::integer as days_to_ship,
        (identified.delivered_on - identified.date_key)::integer as days_to_deliver,
        case
            when identified.delivered_on > identified.promised_on
                then identified.delivered_on - identified.promised_on
            when identified.delivered_on <= identified.promised_on then 0
        end::integer as days_late,
        identified.currency_code,
        identified.shipping_cost_amount,
        identified.payment_cost_amount,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.ordered_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.ordered_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.ordered_at'
        ) }}

    left join reasons
        on identified.named_reason_id = reasons.reason_id

    order by identified.date_key, identified.source_system

)

select * from final
