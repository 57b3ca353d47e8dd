{#  Grain: one row a web, app or assisted visit. Its steps are added up from
    visit_steps; bounced is a visit of at most one step that ended in no order.

    Incremental: what is done again is a visit of which it or any step came or went.  #}

{{ config(
    materialized='incremental',
    unique_key='visit_key',
    meta={'as_was': {
        'customer': 'started_at', 'store': 'started_at', 'employee': 'started_at',
    }},
) }}

with

visits as (

    select * from {{ ref('int_visits') }}

),

outcomes as (

    select * from {{ ref('int_visit_outcomes') }}
    {% if is_incremental() %}
    where refreshed_through > {{ loaded_through() }}
    {% endif %}
),

customers as (

    select * from {{ ref('dim_customer') }}

),

visitors as (

    select * from {{ ref('dim_visitor') }}

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

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_visitor_id') }} as named_visitor_id,
        {{ durable_id('source_store_id') }} as named_store_id,
        {{ durable_id('source_employee_id') }} as named_employee_id,
        {{ durable_id('source_cell_id') }} as named_cell_id,
        started_at_local::date as date_key

    from visits

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as visit_key,
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
        coalesce(visitors.visitor_key, {{ special_key('anonymous') }}) as visitor_key,
        coalesce(stores.store_key, {{ absent_key('identified.store_absence') }})
            as store_key,
        coalesce(stores.store_id, {{ absent_id('identified.store_absence') }})
            as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,
        coalesce(employees.employee_key, {{ special_key('not_applicable') }})
            as employee_key,
        coalesce(employees.employee_id, 'not_applicable') as employee_id,
        coalesce(cells.cell_key, {{ special_key('not_applicable') }}) as cell_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_visit_id', 'identified.id_space') }}
            as visit_id,
        {{ durable_id('identified.source_order_id', 'identified.id_space') }}
            as order_id,
        coalesce(identified.entry_source, 'unknown') as entry_source,
        coalesce(identified.device_class, 'unknown') as device_class,
        identified.started_at,
        identified.ended_at,

        -- measures
        1::integer as visit_count,
        outcomes.step_count::integer as step_count,
        datediff('second', identified.started_at, identified.ended_at)::bigint
            as seconds,
        (outcomes.step_count <= 1 and not outcomes.is_purchased)::integer
            as bounced_count,
        outcomes.is_purchased::integer as purchased_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        outcomes.loaded_at,
        outcomes.batch_id

    from identified

    inner join outcomes
        on
            identified.id_space = outcomes.id_space
            and identified.source_visit_id = outcomes.source_visit_id

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.started_at'
        ) }}

    left join visitors
        on identified.named_visitor_id = visitors.visitor_id

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.started_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    left join employees
        on {{ as_was(
            'employees', 'employee_id', of='identified.named_employee_id', at='identified.started_at'
        ) }}

    left join cells
        on identified.named_cell_id = cells.cell_id

    order by identified.date_key, identified.source_system

)

select * from final
