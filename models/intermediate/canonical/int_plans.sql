{#  Grain: one row a plan save; int_plans.yml is the contract that packs meet.  #}

{{ union_packs('plans') }}
