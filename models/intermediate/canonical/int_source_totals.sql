{#  Grain: one row a system, fact, measure, disposition and business day. Incremental:
    the amounts of new batches are added to those known.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key=[
        'source_system', 'fact_name', 'measure', 'disposition', 'business_date',
    ],
) }}

with

delivered as (

    {{ union_packs('source_totals') }}

),

stated as (

    select
        source_system,
        fact_name,
        measure,
        disposition,
        business_date,
        total

    from delivered
    {% if is_incremental() %}
    union all

    select
        source_system,
        fact_name,
        measure,
        disposition,
        business_date,
        total

    from {{ this }}
    {% endif %}
),

final as (

    select
        source_system,
        fact_name,
        measure,
        disposition,
        business_date,
        sum(total)::decimal(38, 4) as total

    from stated

    group by source_system, fact_name, measure, disposition, business_date

)

select * from final
