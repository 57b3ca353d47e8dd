{#  Grain: one row an order; int_orders.yml is the contract that packs meet.  #}

{{ union_packs('orders', newest_by='changed_at') }}
