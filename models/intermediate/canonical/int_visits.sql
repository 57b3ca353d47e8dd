{#  Grain: one row a visit; int_visits.yml is the contract that packs meet.

    Read by many, so written once. Incremental: the records of new batches are added,
    or take the place of what was known of them.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key=['source_system', 'source_record_id'],
    on_schema_change='fail',
) }}

{{ union_packs('visits') }}
