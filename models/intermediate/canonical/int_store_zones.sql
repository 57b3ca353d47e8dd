{#  Grain: one row a store zone save; int_store_zones.yml is the contract that packs
    meet.  #}

{{ union_packs('store_zones') }}
