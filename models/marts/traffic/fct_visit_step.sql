{#  Grain: one row a step of a visit, with its place in three roles.

    session: in the whole visit. purchase: from the first step to the confirmation, in
    visits that ended in an order. abandonment: from the first step at the cart or the
    till to the last, in visits that did not. A step has no number in a role that it
    does not play.

    Who visited is told by the visit, which may come in another delivery. Incremental:
    what is done again is a whole visit of which the visit or any step came or went.  #}

{{ config(
    materialized='incremental',
    unique_key='visit_step_key',
    meta={'as_was': {'customer': 'step_at', 'product': 'step_at', 'store': 'step_at'}},
) }}

with

visit_steps as (

    select * from {{ ref('int_visit_steps') }}

),

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
        visit_steps.*,
        {{ durable_id('visits.source_customer_id', 'visits.id_space') }}
            as named_customer_id,
        visits.customer_absence,
        visits.source_visit_id is null as is_visit_missing,
        {{ durable_id('visits.source_visitor_id', 'visits.id_space') }}
            as named_visitor_id,
        {{ durable_id('visits.source_store_id', 'visits.id_space') }}
            as named_store_id,
        visits.store_absence,
        visits.channel_code,
        {{ durable_id('visit_steps.source_product_id', 'visit_steps.id_space') }}
            as named_product_id,
        visit_steps.step_at_local::date as date_key,
        outcomes.last_step_number,
        outcomes.is_purchased,
        case when outcomes.is_purchased then outcomes.purchase_step_number end
            as purchase_last_step_number,
        case when not outcomes.is_purchased then outcomes.basket_step_number end
            as abandonment_first_step_number,
        outcomes.loaded_at as visit_loaded_at,
        outcomes.batch_id as visit_batch_id

    from visit_steps

    inner join outcomes
        on
            visit_steps.id_space = outcomes.id_space
            and visit_steps.source_visit_id = outcomes.source_visit_id

    left join visits
        on
            visit_steps.id_space = visits.id_space
            and visit_steps.source_visit_id = visits.source_visit_id

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as visit_step_key,
        identified.date_key,
        (
            hour(identified.step_at_local) * 60
            + minute(identified.step_at_local)
        )::smallint as time_key,
        coalesce(
            customers.customer_key, {{ absent_key('identified.customer_absence') }}
        ) as customer_key,
        coalesce(
            customers.customer_id, {{ absent_id('identified.customer_absence') }}
        ) as customer_id,
        coalesce(
            visitors.visitor_key,
            case
                when identified.is_visit_missing then {{ special_key('unknown') }}
                else {{ special_key('anonymous') }}
            end
        )::bigint as visitor_key,
        coalesce(products.product_key, {{ special_key('not_applicable') }})
            as product_key,
        coalesce(products.product_id, 'not_applicable') as product_id,
        coalesce(stores.store_key, {{ absent_key('identified.store_absence') }})
            as store_key,
        coalesce(stores.store_id, {{ absent_id('identified.store_absence') }})
            as store_id,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,

        -- degenerate dimensions
        {{ durable_id('identified.source_visit_id', 'identified.id_space') }}
            as visit_id,
        identified.step_type,
        identified.search_text,
        identified.is_purchased as is_purchase_visit,
        identified.step_at,

        -- roles
        identified.step_number::integer as step_number,
        identified.last_step_number::integer as last_step_number,
        (identified.last_step_number - identified.step_number)::integer
            as steps_until_end,
        case
            when identified.step_number <= identified.purchase_last_step_number
                then identified.step_number
        end::integer as purchase_step_number,
        case
            when identified.step_number <= identified.purchase_last_step_number
                then identified.purchase_last_step_number - identified.step_number
        end::integer as steps_until_purchase,
        case
            when identified.step_number >= identified.abandonment_first_step_number
                then
                    identified.step_number
                    - identified.abandonment_first_step_number
                    + 1
        end::integer as abandonment_step_number,
        case
            when identified.step_number >= identified.abandonment_first_step_number
                then identified.last_step_number - identified.step_number
        end::integer as steps_until_abandonment,

        -- measures
        1::integer as step_count,
        identified.seconds,
        identified.search_result_count,
        coalesce(identified.is_stock_out, false)::integer as stock_out_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.visit_loaded_at as loaded_at,
        identified.visit_batch_id as batch_id

    from identified

    left join customers
        on {{ as_was(
            'customers', 'customer_id', of='identified.named_customer_id', at='identified.step_at'
        ) }}

    left join visitors
        on identified.named_visitor_id = visitors.visitor_id

    left join products
        on {{ as_was(
            'products', 'product_id', of='identified.named_product_id', at='identified.step_at'
        ) }}

    left join stores
        on {{ as_was(
            'stores', 'store_id', of='identified.named_store_id', at='identified.step_at'
        ) }}

    left join channels
        on identified.channel_code = channels.channel_code

    order by identified.date_key, identified.source_system

)

select * from final
