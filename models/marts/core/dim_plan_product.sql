{#  Type 2: family, rank, contract, elite flag and price. Type 1: name and currency.
    current_* shows the last version beside each (type 6).  #}

{% set values = ['plan_rank', 'contract_months', 'monthly_price'] %}

with

members as (

    select * from {{ dimension_members(
        'plan',
        described_by='plans',
        type_1=['plan_name', 'currency_code'],
        type_2=['plan_family'],
        type_2_values=values + ['is_elite'],
    ) }}

),

final as (

    select
        plan_key,
        plan_id,
        source_plan_id,
        member_type,

        coalesce(plan_name, 'Plan ' || source_plan_id, missing) as plan_name,
        plan_family,
        current_plan_family,
        {% for attribute in values -%}
        {{ attribute }},
        current_{{ attribute }},
        {% endfor -%}
        coalesce(is_elite, false) as is_elite,
        coalesce(current_is_elite, false) as current_is_elite,
        currency_code,

        is_inferred,
        valid_from,
        valid_to,
        is_current,
        recorded_at,

        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
