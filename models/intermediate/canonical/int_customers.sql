{#  Grain: one row a customer save; int_customers.yml is the contract that packs
    meet.  #}

{{ union_packs('customers') }}
