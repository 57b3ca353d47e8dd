{#  Grain: one row a system, fact, measure, disposition, load batch and business day.
    Incremental: the rows of new batches are added.  #}

{{ config(
    materialized='incremental',
    incremental_strategy='by_record',
    unique_key='batch_id',
) }}

{{ union_packs('source_totals') }}
