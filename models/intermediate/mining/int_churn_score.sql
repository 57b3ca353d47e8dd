{#  Grain: one row a model, customer and cut-off that is scored: the probability of
    leaving by the model and by the rule, and of current ones what moves it most.

    The parts of a score are those of `acrm.mining.churn.contributions`; features are
    named there and here alike.  #}

{%- set words = {
    'silence': "'last order ' || recency_days || ' days ago'",
    'lateness': "'silent for ' || round(exp(lateness) - 1, 1) || ' own intervals'",
    'only_order': "case when only_order > 0 then 'only one order so far'
            else 'more than one order' end",
    'recent_orders': "'ordered on ' || round(exp(recent_orders) - 1)::integer
            || ' days of the last 91'",
    'orders_of_year': "'ordered on ' || round(exp(orders_of_year) - 1)::integer
            || ' days of the last 365'",
    'slowing': "'last interval ' || round(exp(slowing), 1) || ' times the usual one'",
    'value_of_order': "'value of an order ' || round(exp(value_of_order) - 1)::integer",
    'recent_share_of_value': "round(100 * recent_share_of_value)::integer
            || ' % of the value of a year in the last 91 days'",
    'held': "'subscribed for ' || held_days || ' days'",
    'since_change': "'nothing changed for ' || days_since_change || ' days'",
    'contract_left': "contract_days_left || ' days of contract left'",
    'price': "'pays ' || mrr_amount || ' a month'",
    'plan_rank': "'rank of plan ' || plan_rank::integer",
    'changes': "'changed plan ' || changes::integer || ' times'",
    'came_back': "case came_back when 1 then 'had left before'
            else 'never left before' end",
} -%}
{%- set models = [
    ('churn', 'recency_days', [
        'silence', 'lateness', 'only_order', 'recent_orders', 'orders_of_year',
        'slowing', 'value_of_order', 'recent_share_of_value',
    ]),
    ('cancel', 'held_days', [
        'held', 'since_change', 'contract_left', 'price', 'plan_rank', 'changes',
        'came_back', 'silence',
    ]),
] %}

with

churn as (

    select * from {{ ref('obs_churn') }}

),

cancel as (

    select * from {{ ref('obs_cancel') }}

),

fits as (

    select * from {{ ref('py_churn_fit') }}

),

rules as (

    select * from {{ ref('int_churn_baseline') }}

),

{% for model, days, features in models -%}
{{ model }}_weights as (

    select
        id_space::varchar as id_space,
        cutoff_date::date as cutoff_date,
        {% for feature in features -%}
        max(center) filter (feature = '{{ feature }}')::double
            as {{ feature }}_center,
        max(coefficient / scale) filter (feature = '{{ feature }}')::double
            as {{ feature }}_weight,
        {% endfor -%}
        max(coefficient) filter (feature = '(intercept)')::double as level,
        any_value(status)::varchar as status,
        any_value(reason)::varchar as reason

    from fits

    where model = '{{ model }}'

    group by id_space, cutoff_date

),

{{ model }}_parts as (

    select
        {{ model }}.*,
        {{ model }}_weights.level,
        {{ model }}_weights.status,
        {{ model }}_weights.reason,
        {% for feature in features -%}
        coalesce(
            {{ model }}.{{ feature }} - {{ model }}_weights.{{ feature }}_center, 0
        ) * {{ model }}_weights.{{ feature }}_weight as {{ feature }}_part,
        {% endfor -%}
        rules.churn_rate

    from {{ model }}

    left join {{ model }}_weights
        on
            {{ model }}.id_space = {{ model }}_weights.id_space
            and {{ model }}.training_cutoff_date = {{ model }}_weights.cutoff_date

    asof left join rules
        on
            rules.model = '{{ model }}'
            and {{ model }}.id_space = rules.id_space
            and {{ model }}.training_cutoff_date = rules.cutoff_date
            and {{ model }}.{{ days }} >= rules.days_from

    where {{ model }}.is_scored

),

{{ model }}_scores as (

    select
        '{{ model }}' as model,
        id_space,
        customer_id,
        cutoff_date,
        is_current,
        is_mature,
        label_from,
        label_to,
        label_churned,
        {% for feature in features -%}
        {{ feature }}_part
        + {% endfor -%}
        level as log_odds,
        churn_rate,
        case
            when is_current
                then list_reverse_sort([
                    {% for feature in features -%}
                    struct_pack(
                        part := {{ feature }}_part,
                        words := {{ words[feature] }}
                    ),
                    {% endfor -%}
                    struct_pack(part := -1e9, words := '')
                ])
        end as parts,
        status,
        reason

    from {{ model }}_parts

),

{% endfor -%}
told as (

    select * from churn_scores

    union all

    select * from cancel_scores

),

final as (

    select
        model,
        id_space,
        customer_id,
        cutoff_date,
        is_current,
        is_mature,
        label_from,
        label_to,
        label_churned,
        case when isfinite(log_odds) then 1 / (1 + exp(-log_odds)) end as p_model,
        churn_rate as p_baseline,
        list_transform(
            list_filter(
                parts, lambda one: isfinite(one['part']) and one['part'] > 0
            ),
            lambda one: one['words']
        )[:3] as reasons,
        coalesce(status, 'insufficient_data') as status,
        case
            when status is null
                then 'no month''s end whose outcome was over by the cut-off'
            else coalesce(reason, '')
        end as reason

    from told

)

select * from final
