{#  Grain: one row a time that a product was out of stock in a store; int_stock_outs.yml
    is the contract that packs meet.  #}

{{ union_packs('stock_outs') }}
