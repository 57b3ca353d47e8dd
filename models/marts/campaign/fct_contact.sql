{#  Grain: one row a customer assigned to a cell; controls and those held back are rows
    with is_contacted false.

    Incremental: the records of new batches are added, or take the place of what was
    known of them, and contacts of a cell that turned out to be a control group, or
    none, are told again.  #}

{{ config(
    materialized='incremental',
    unique_key='contact_key',
    meta={'as_was': {'customer': 'coalesce(contacted_at, date_key::timestamp)'}},
) }}

with

contacts as (

    select * from {{ ref('int_contacts') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

offers as (

    select * from {{ ref('dim_offer') }}

),

identified as (

    select
        *,
        {{ durable_id('source_customer_id') }} as named_customer_id,
        {{ durable_id('source_cell_id') }} as named_cell_id,
        {{ durable_id('source_offer_id') }} as named_offer_id,
        coalesce(contacted_at, assigned_on::timestamp) as looked_up_at

    from contacts

),

assigned as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as contact_key,
        identified.assigned_on as date_key,
        coalesce(customers.customer_key, {{ special_key('unknown') }}) as customer_key,
        coalesce(customers.customer_id, 'unknown') as customer_id,
        coalesce(cells.cell_key, {{ special_key('unknown') }}) as cell_key,
        coalesce(channels.channel_key, {{ special_key('unknown') }}) as channel_key,
        coalesce(offers.offer_key, {{ special_key('not_applicable') }}) as offer_key,

        -- measures
        identified.is_contacted,
        coalesce(cells.is_control, false) as is_control,
        1::integer as assigned_count,
        identified.is_contacted::integer as contacted_count,
        identified.contacted_at,
        identified.currency_code,
        identified.cost_amount,

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

    left join channels
        on identified.channel_code = channels.channel_code

    left join offers
        on identified.named_offer_id = offers.offer_id

),

{% if is_incremental() -%}
told_again as (

    select present.* replace (cells.is_control as is_control)

    from {{ this }} as present

    inner join cells
        on present.cell_key = cells.cell_key

    where
        {{ may_have_changed('dim_campaign_cell', 'cells') }}
        and present.is_control <> cells.is_control
        and present.contact_key not in (select assigned.contact_key from assigned)

),

{% endif -%}
final as (

    select * from assigned
    {% if is_incremental() %}
    union all by name

    select * from told_again
    {% endif %}
    order by date_key

)

select * from final
