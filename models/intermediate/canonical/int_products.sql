{#  Grain: one row a product save; int_products.yml is the contract that packs meet.  #}

{{ union_packs('products') }}
