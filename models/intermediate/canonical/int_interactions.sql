{#  Grain: one row a service contact; int_interactions.yml is the contract that packs
    meet.  #}

{{ union_packs('interactions') }}
