{#  Grain: one row a finished dbt run. A view, so that a published version shows the
    very run that built it.  #}

{{ config(materialized='view') }}

with

runs as (

    select * from {{ source('landing', 'dbt_run') }}

),

final as (

    select
        run_id,
        command,
        started_at,
        ended_at,
        status,
        nodes_passed,
        nodes_warned,
        nodes_failed,
        nodes_skipped,
        dbt_version

    from runs

)

select * from final
