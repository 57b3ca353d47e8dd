{#  Grain: one row an expression of will; int_consent_events.yml is the contract that
    packs meet.  #}

{{ union_packs('consent_events') }}
