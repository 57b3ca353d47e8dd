{#  Grain: one row an id space, level and rule: one antecedent or two, and what they
    draw.  #}

with

rules as (

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

final as (

    select
        current_rules.id_space,
        current_rules.cutoff_date::date as as_of,
        current_rules.level,
        (row_number() over (
            partition by current_rules.id_space, current_rules.level
            order by
                current_rules.length asc,
                current_rules.lift * exp(-1.96 / sqrt(current_rules.baskets)) desc,
                coalesce(current_rules.followed_rate, 0)
                - coalesce(current_rules.preceded_rate, 0) desc,
                antecedents.item asc,
                also_antecedents.item asc,
                consequents.item asc
        ))::integer as rule_rank,
        current_rules.length::integer as length,
        {% for side in ['antecedent', 'also_antecedent', 'consequent'] -%}
        {{ side }}s.item as {{ side }},
        {{ side }}s.item_name as {{ side }}_name,
        {% endfor -%}
        {% for column in ['baskets', 'antecedent_baskets', 'consequent_baskets'] -%}
        current_rules.{{ column }}::bigint as {{ column }},
        {% endfor -%}
        {% for column in [
            'support', 'confidence', 'reverse_confidence', 'lift', 'leverage', 'zhang',
            'p_adjusted',
        ] -%}
        current_rules.{{ column }}::double as {{ column }},
        {% endfor -%}
        (current_rules.lift * exp(-1.96 / sqrt(current_rules.baskets)))::double
            as lift_lo,
        {% for column, name in [
            ('followed_rate', 'followed_rate_30'),
            ('preceded_rate', 'preceded_rate_30'),
            ('base_rate', 'base_rate_30'),
            ('followed_rate / nullif(current_rules.base_rate, 0)', 'lift_30'),
        ] -%}
        {{ finite('current_rules.' ~ column) }} as {{ name }},
        {% endfor -%}
        {% for column, name in [
            ('antecedent_first', 'antecedent_first_customers'),
            ('consequent_first', 'consequent_first_customers'),
        ] -%}
        {{ finite('current_rules.' ~ column) }}::bigint as {{ name }},
        {% endfor -%}
        {{ finite('current_rules.p_value') }} as p_order,
        current_rules.direction::varchar as direction,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from current_rules

    inner join items as antecedents
        on current_rules.antecedent_code = antecedents.item_code

    left join items as also_antecedents
        on current_rules.also_antecedent_code = also_antecedents.item_code

    inner join items as consequents
        on current_rules.consequent_code = consequents.item_code

    left join verdicts
        on
            current_rules.id_space = verdicts.id_space
            and current_rules.level = verdicts.part
            and verdicts.model = 'affinity'

)

select * from final
