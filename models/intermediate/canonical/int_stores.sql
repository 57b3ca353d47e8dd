{#  Grain: one row a store save; int_stores.yml is the contract that packs meet.  #}

{{ union_packs('stores') }}
