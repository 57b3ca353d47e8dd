{#  Grain: one row a visit that visits or steps name: what its steps add up to, and
    whether it ended in an order.

    Steps may come in another delivery than their visit: loaded_at is that of the newest
    of them. Incremental: what is done again is a whole visit of which it or any step
    came, or went to another visit, which the facts tell as the last run left them.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key=['id_space', 'source_visit_id'],
    on_schema_change='fail',
    meta={'beside': ['fct_visit', 'fct_visit_step']},
) }}

with

visits as (

    select * from {{ ref('int_visits') }}

),

visit_steps as (

    select * from {{ ref('int_visit_steps') }}

),

batches as (

    select coalesce(max(loaded_at), timestamp '1900-01-01') as loaded_through

    from {{ source('landing', 'load_batch') }}

),

{% if is_incremental() -%}
new_records as (

    select
        {{ durable_id('visits.source_visit_id', 'visits.id_space') }} as visit_id,
        {{ surrogate_key(['visits.source_system', 'visits.source_record_id']) }}
            as visit_key,
        null as visit_step_key

    from visits

    where {{ may_have_changed('int_visits', 'visits') }}

    union all

    select
        {{ durable_id('visit_steps.source_visit_id', 'visit_steps.id_space') }}
            as visit_id,
        null as visit_key,
        {{ surrogate_key(
            ['visit_steps.source_system', 'visit_steps.source_record_id']
        ) }}
            as visit_step_key

    from visit_steps

    where {{ may_have_changed('int_visit_steps', 'visit_steps') }}

),

touched as (

    select visit_id from new_records

    union

    select visit_id from {{ former('fct_visit') }}

    where visit_key in (select new_records.visit_key from new_records)

    union

    select visit_id from {{ former('fct_visit_step') }}

    where visit_step_key in (select new_records.visit_step_key from new_records)

),

touched_visits as (

    select visits.*

    from visits

    where
        {{ durable_id('visits.source_visit_id', 'visits.id_space') }}
        in (select touched.visit_id from touched)

),

touched_steps as (

    select visit_steps.*

    from visit_steps

    where
        {{ durable_id('visit_steps.source_visit_id', 'visit_steps.id_space') }}
        in (select touched.visit_id from touched)

),

{% endif -%}
step_totals as (

    select
        id_space,
        source_visit_id,
        count(*) as step_count,
        max(step_number) as last_step_number,
        min(step_number) filter (step_type in ('cart', 'checkout', 'payment'))
            as basket_step_number,
        max(step_number) filter (step_type = 'confirmation')
            as confirmation_step_number,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from {{ 'touched_steps' if is_incremental() else 'visit_steps' }}

    group by id_space, source_visit_id

),

final as (

    select
        id_space,
        source_visit_id,
        coalesce(step_totals.step_count, 0) as step_count,
        step_totals.last_step_number,
        step_totals.basket_step_number,
        coalesce(
            step_totals.confirmation_step_number,
            case
                when visits.source_order_id is not null
                    then step_totals.last_step_number
            end
        ) as purchase_step_number,
        visits.source_order_id is not null
        or step_totals.confirmation_step_number is not null as is_purchased,
        greatest(visits.loaded_at, step_totals.loaded_at) as loaded_at,
        greatest(visits.batch_id, step_totals.batch_id) as batch_id,
        batches.loaded_through as refreshed_through

    from {{ 'touched_visits' if is_incremental() else 'visits' }} as visits

    full join step_totals
        using (id_space, source_visit_id)

    cross join batches

)

select * from final
