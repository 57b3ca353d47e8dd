{#  Grain: one row an id space, customer, month and currency in which the customer
    bought or caused a cost, to the end of the last whole month. Special members have
    rows of their own, so that margins add up to those of the facts.  #}

{%- set money = [
    'gross_amount', 'discount_amount', 'net_amount', 'margin_amount', 'charge_amount',
] -%}
{%- set costs = [
    'shipping_cost_amount', 'payment_cost_amount', 'handling_cost_amount',
    'return_cost_amount', 'service_cost_amount', 'contact_cost_amount',
] -%}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

cost_allocations as (

    select * from {{ ref('fct_order_cost_allocation') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

activities as (

    select * from {{ ref('int_customer_activity') }}

),

rates as (

    select * from {{ ref('activity_rate') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

rated as (

    select
        *,
        lead(valid_from, 1, {{ open_end_date() }}) over (
            partition by id_space, activity_code order by valid_from
        ) as valid_to

    from rates

),

sold as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        customer_id,
        date_key,
        currency_code,
        gross_amount,
        discount_amount,
        net_amount,
        margin_amount,
        -- nothing is bought to earn them
        case
            when margin_amount is null and line_type in ('charge', 'adjustment')
                then net_amount - coalesce(tax_amount, 0)
        end as charge_amount,
        (line_type = 'sale')::integer as line_count,
        (line_type in ('sale', 'return') and margin_amount is null)::integer
            as uncosted_line_count,
        (line_type in ('sale', 'return'))::integer as goods_line_count

    from sales_lines

),

told as (

    select * from sold

    union all by name

    select
        {{ id_space_of_system('source_system') }} as id_space,
        customer_id,
        date_key,
        currency_code,
        allocated_shipping_amount as shipping_cost_amount,
        allocated_payment_amount as payment_cost_amount

    from cost_allocations

    union all by name

    select
        {{ id_space_of_system('source_system') }} as id_space,
        customer_id,
        date_key,
        currency_code,
        cost_amount as contact_cost_amount

    from contacts

    where cost_amount is not null

    union all by name

    select
        activities.id_space,
        activities.customer_id,
        activities.date_key,
        {% for column, codes in [
            ('handling', "'order', 'order_line'"),
            ('return', "'return_line'"),
            ('service', "'interaction_minute', 'case'"),
            ('contact', "'contact'"),
        ] -%}
        case
            when activities.activity_code in ({{ codes }})
                then (activities.units * rated.rate_amount)::decimal(18, 4)
        end as {{ column }}_cost_amount,
        {% endfor -%}
        rated.currency_code

    from activities

    inner join rated
        on
            activities.id_space = rated.id_space
            and activities.activity_code = rated.activity_code
            and activities.date_key >= rated.valid_from
            and activities.date_key < rated.valid_to

),

months as (

    select
        told.id_space,
        told.customer_id,
        date_trunc('month', told.date_key)::date as month_start,
        told.currency_code,
        {% for column in money + costs -%}
        coalesce(sum(told.{{ column }}), 0) as {{ column }},
        {% endfor -%}
        coalesce(sum(told.line_count), 0) as line_count,
        coalesce(sum(told.goods_line_count), 0) as goods_line_count,
        coalesce(sum(told.uncosted_line_count), 0) as uncosted_line_count,
        any_value(cutoffs.cutoff_date) as as_of

    from told

    inner join cutoffs
        on told.id_space = cutoffs.id_space and told.date_key <= cutoffs.cutoff_date

    where cutoffs.is_current

    group by
        told.id_space,
        told.customer_id,
        month_start,
        told.currency_code

),

judged as (

    select
        *,
        sum(uncosted_line_count) over currencies as all_uncosted,
        sum(goods_line_count) over currencies as all_goods

    from months

    window currencies as (partition by id_space, currency_code)

),

-- where most costs are not told, no contribution is
known as (

    select
        *,
        all_uncosted > {{ var('mining_costless_share') }} * all_goods as is_unknown,
        margin_amount + charge_amount as contribution,
        shipping_cost_amount
        + payment_cost_amount
        + handling_cost_amount
        + return_cost_amount as order_cost_amount

    from judged

),

final as (

    select
        id_space,
        customer_id,
        month_start,
        currency_code,
        as_of,
        line_count::integer as line_count,
        uncosted_line_count::integer as uncosted_line_count,
        {% for column in money -%}
        {{ column }}::decimal(18, 2) as {{ column }},
        {% endfor -%}
        {% for column in costs -%}
        {{ column }}::decimal(18, 4) as {{ column }},
        {% endfor -%}
        case when not is_unknown then contribution end::decimal(18, 4)
            as contribution_1,
        case
            when not is_unknown then contribution - order_cost_amount
        end::decimal(18, 4) as contribution_2,
        case
            when not is_unknown
                then
                    contribution
                    - order_cost_amount
                    - service_cost_amount
                    - contact_cost_amount
        end::decimal(18, 4) as contribution_3,
        case when is_unknown then 'insufficient_data' else 'ok' end as status,
        case
            when is_unknown
                then
                    'the cost of ' || all_uncosted || ' of ' || all_goods
                    || ' lines is not known'
            else ''
        end as reason

    from known

)

select * from final
