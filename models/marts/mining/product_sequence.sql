{#  Grain: one row an id space, level and rule: what comes first, and what follows
    within 30 days.  #}

with

rules as (

    select * from {{ ref('py_product_sequence') }}

),

basket_rules as (

    select * from {{ ref('py_product_affinity') }}

),

items as (

    select * from {{ ref('int_item') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

-- a table without rows does not know its types
current_rules as (

    select
        * replace (
            id_space::varchar as id_space,
            level::varchar as level
        )

    from rules

    where is_current

),

in_baskets as (

    select
        antecedent_code,
        consequent_code

    from basket_rules

    where is_current and length = 2

),

final as (

    select
        current_rules.id_space,
        current_rules.cutoff_date::date as as_of,
        current_rules.level,
        (row_number() over (
            partition by current_rules.id_space, current_rules.level
            order by
                current_rules.lift
                * exp(-1.96 / sqrt(current_rules.followed_days)) desc,
                antecedents.item asc,
                consequents.item asc
        ))::integer as rule_rank,
        {% for side in ['antecedent', 'consequent'] -%}
        {{ side }}s.item as {{ side }},
        {{ side }}s.item_name as {{ side }}_name,
        {% endfor -%}
        {% for column in ['antecedent_days', 'followed_days'] -%}
        current_rules.{{ column }}::bigint as {{ column }},
        {% endfor -%}
        current_rules.support::double as support,
        {% for column in ['followed_rate', 'preceded_rate', 'base_rate'] -%}
        {{ finite('current_rules.' ~ column) }} as {{ column }}_30,
        {% endfor -%}
        current_rules.lift::double as lift_30,
        (current_rules.lift * exp(-1.96 / sqrt(current_rules.followed_days)))::double
            as lift_lo,
        current_rules.p_adjusted::double as p_adjusted,
        {% for side in ['antecedent', 'consequent'] -%}
        {{ finite('current_rules.' ~ side ~ '_first') }}::bigint
            as {{ side }}_first_customers,
        {% endfor -%}
        {{ finite('current_rules.p_value') }} as p_order,
        current_rules.direction::varchar as direction,
        in_baskets.antecedent_code is not null as is_basket_rule,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from current_rules

    inner join items as antecedents
        on current_rules.antecedent_code = antecedents.item_code

    inner join items as consequents
        on current_rules.consequent_code = consequents.item_code

    left join in_baskets
        on
            current_rules.antecedent_code = in_baskets.antecedent_code
            and current_rules.consequent_code = in_baskets.consequent_code

    left join verdicts
        on
            current_rules.id_space = verdicts.id_space
            and current_rules.level = verdicts.part
            and verdicts.model = 'sequence'

)

select * from final
