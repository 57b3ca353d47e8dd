{#  Grain: one row a stay of a customer in a household; int_household_members.yml is
    the contract that packs meet.  #}

{{ union_packs('household_members') }}
