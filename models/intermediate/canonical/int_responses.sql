{#  Grain: one row a response event; int_responses.yml is the contract that packs
    meet.  #}

{{ union_packs('responses') }}
