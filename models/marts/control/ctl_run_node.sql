{#  Grain: one row a node of a finished dbt run. A view, so that a published version
    shows the very run that built it.  #}

{{ config(materialized='view') }}

with

nodes as (

    select * from {{ source('landing', 'dbt_run_node') }}

),

final as (

    select
        run_id,
        node_name,
        node_kind,
        status,
        seconds,
        row_count

    from nodes

)

select * from final
