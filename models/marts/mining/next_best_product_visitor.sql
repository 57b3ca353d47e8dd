{#  Grain: one row an id space, type of visitor and rank: what to show somebody of whom
    only this is known.  #}

with

lists as (

    select * from {{ ref('int_visitor_list') }}

),

choices as (

    select * from {{ ref('int_item_choice') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

decided as (

    select
        lists.*,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        case when verdicts.verdict = 'better' then 'model' else 'popularity' end
            as method,
        case
            when verdicts.verdict = 'better' then lists.type_rank
            else lists.all_rank
        end as product_rank

    from lists

    left join verdicts
        on
            lists.id_space = verdicts.id_space
            and verdicts.model = 'next_product_visitor'

    where lists.is_current

),

final as (

    select
        decided.id_space,
        decided.visitor_type,
        decided.product_rank,
        decided.cutoff_date as as_of,
        choices.product_id,
        coalesce(products.product_name, choices.product_id) as product_name,
        case decided.method when 'model' then decided.share else decided.all_share end
            as order_share,
        decided.orders as type_orders,
        'in ' || case
            when decided.method = 'model'
                then
                    decided.held || ' of ' || decided.orders
                    || ' orders of such visitors'
            else round(100 * decided.all_share, 1) || ' % of all orders'
        end as product_reason,
        choices.margin_amount as expected_margin_amount,
        decided.method,
        decided.verdict

    from decided

    inner join choices
        on
            decided.id_space = choices.id_space
            and decided.cutoff_date = choices.cutoff_date
            and decided.item_number = choices.item_number

    left join products
        on choices.product_id = products.product_id and products.is_current

    where decided.product_rank <= {{ var('next_product_count') }}

)

select * from final
