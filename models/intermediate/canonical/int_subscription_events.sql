{#  Grain: one row an event of a subscription; int_subscription_events.yml is the
    contract that packs meet.  #}

{{ union_packs('subscription_events') }}
