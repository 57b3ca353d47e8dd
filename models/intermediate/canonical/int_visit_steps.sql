{#  Grain: one row a step of a visit; int_visit_steps.yml is the contract that packs
    meet.  #}

{# read by many: written once #}
{{ config(materialized='table') }}

{{ union_packs('visit_steps') }}
