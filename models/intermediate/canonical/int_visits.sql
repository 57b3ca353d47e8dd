{#  Grain: one row a visit; int_visits.yml is the contract that packs meet.  #}

{# read by many: written once #}
{{ config(materialized='table') }}

{{ union_packs('visits') }}
