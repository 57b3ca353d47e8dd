{#  Grain: one row a reason save; int_reasons.yml is the contract that packs meet.  #}

{{ union_packs('reasons') }}
