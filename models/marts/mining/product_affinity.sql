{#  Grain: one row an id space, level and rule, antecedent to consequent.  #}

with

rules as (

    select * from {{ ref('py_product_affinity') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

-- a table without rows does not know its types
current_rules as (

    select
        * replace (
            id_space::varchar as id_space,
            level::varchar as level,
            antecedent::varchar as antecedent,
            consequent::varchar as consequent
        )

    from rules

    where is_current

),

names as (

    select
        product_id,
        product_name

    from products

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
                current_rules.lift * exp(-1.96 / sqrt(current_rules.baskets)) desc,
                coalesce(current_rules.followed_rate, 0)
                - coalesce(current_rules.preceded_rate, 0) desc,
                current_rules.antecedent asc,
                current_rules.consequent asc
        ))::integer as rule_rank,
        current_rules.antecedent,
        coalesce(firsts.product_name, current_rules.antecedent) as antecedent_name,
        current_rules.consequent,
        coalesce(seconds.product_name, current_rules.consequent) as consequent_name,
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
        ] -%}
        case
            when isfinite(current_rules.{{ column }}::double)
                then current_rules.{{ column }}::double
        end as {{ name }},
        {% endfor -%}
        current_rules.antecedent_first::bigint as antecedent_first_customers,
        current_rules.consequent_first::bigint as consequent_first_customers,
        case
            when isfinite(current_rules.p_value::double)
                then current_rules.p_value::double
        end as p_order,
        current_rules.direction::varchar as direction,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from current_rules

    left join names as firsts
        on current_rules.antecedent = firsts.product_id

    left join names as seconds
        on current_rules.consequent = seconds.product_id

    left join verdicts
        on
            current_rules.id_space = verdicts.id_space
            and current_rules.level = verdicts.part
            and verdicts.model = 'affinity'

)

select * from final
