{#  Grain: one row an order or receipt line; int_order_lines.yml is the contract that
    packs meet.  #}

{{ union_packs('order_lines') }}
