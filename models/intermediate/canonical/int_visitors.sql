{#  Grain: one row a visitor save; int_visitors.yml is the contract that packs meet.  #}

{{ union_packs('visitors') }}
