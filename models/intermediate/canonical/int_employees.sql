{#  Grain: one row an employee save; int_employees.yml is the contract that packs
    meet.  #}

{{ union_packs('employees') }}
