{#  Grain: one row an assignment of a customer to a cell; int_contacts.yml is the
    contract that packs meet.  #}

{{ union_packs('contacts') }}
