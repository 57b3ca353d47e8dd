{#  Grain: one row a system, fact, measure, disposition and business day.  #}

{# read by the reconciliation and its tests: written once #}
{{ config(materialized='table') }}

{{ union_packs('source_totals') }}
