{#  Grain: one row a plan version, month, region, department and loyalty tier;
    int_targets.yml is the contract that packs meet.  #}

{{ union_packs('targets') }}
