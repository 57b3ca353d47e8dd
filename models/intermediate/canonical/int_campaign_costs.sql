{#  Grain: one row a cost item of a campaign cell; int_campaign_costs.yml is the
    contract that packs meet.  #}

{{ union_packs('campaign_costs') }}
