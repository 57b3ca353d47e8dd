{#  Grain: one row an answer to a survey; int_satisfaction_answers.yml is the contract
    that packs meet.  #}

{{ union_packs('satisfaction_answers') }}
