{#  Grain: one row a product of an offer; int_offer_products.yml is the contract that
    packs meet.  #}

{{ union_packs('offer_products') }}
