{#  Grain: one row a cost item of a cell, day and kind of cost. What single contacts
    cost is in fct_contact; the two are never joined, each is added up on its own.

    Incremental: the records of new batches are added, or take the place of what was
    known of them.  #}

{{ config(
    materialized='incremental',
    unique_key='campaign_cost_key',
) }}

with

campaign_costs as (

    select * from {{ ref('int_campaign_costs') }}

),

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

identified as (

    select
        *,
        {{ durable_id('source_cell_id') }} as named_cell_id

    from campaign_costs

),

final as (

    select
        -- keys
        {{ surrogate_key(['identified.source_system', 'identified.source_record_id']) }}
            as campaign_cost_key,
        identified.spent_on as date_key,
        coalesce(cells.cell_key, {{ special_key('unknown') }}) as cell_key,

        -- degenerate dimensions
        identified.cost_type,

        -- measures
        1::integer as cost_count,
        identified.currency_code,
        identified.spend_amount,
        identified.impression_count,

        -- lineage
        identified.source_system,
        identified.source_record_id,
        identified.loaded_at,
        identified.batch_id

    from identified

    left join cells
        on identified.named_cell_id = cells.cell_id

    order by identified.spent_on, identified.source_system

)

select * from final
