{#  Grain: one row a sensor and quarter of an hour; int_store_counts.yml is the contract
    that packs meet.  #}

{{ union_packs('store_counts') }}
