{#  Grain: one row an offer; int_offers.yml is the contract that packs meet.  #}

{{ union_packs('offers') }}
