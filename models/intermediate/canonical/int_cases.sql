{#  Grain: one row a case; int_cases.yml is the contract that packs meet.  #}

{{ union_packs('cases', newest_by='changed_at') }}
