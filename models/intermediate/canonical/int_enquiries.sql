{#  Grain: one row a question or request; int_enquiries.yml is the contract that packs
    meet.  #}

{{ union_packs('enquiries') }}
