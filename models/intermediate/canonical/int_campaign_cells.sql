{#  Grain: one row a campaign cell; int_campaign_cells.yml is the contract that packs
    meet.  #}

{{ union_packs('campaign_cells') }}
