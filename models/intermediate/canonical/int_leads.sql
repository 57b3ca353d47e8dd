{#  Grain: one row a lead; int_leads.yml is the contract that packs meet.  #}

{{ union_packs('leads', newest_by='changed_at') }}
