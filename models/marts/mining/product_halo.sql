{#  Grain: one row an id space, currency, level and item, as of the current cut-off.  #}

with

halos as (

    select * from {{ ref('py_product_halo') }}

),

items as (

    select * from {{ ref('int_item') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

-- a table without rows does not know its types
current_halos as (

    select
        * replace (
            id_space::varchar as id_space,
            level::varchar as level,
            currency_code::varchar as currency_code
        )

    from halos

    where is_current

),

final as (

    select
        current_halos.id_space,
        current_halos.cutoff_date::date as as_of,
        current_halos.level,
        current_halos.currency_code,
        case when current_halos.has_margin then 'margin' else 'net' end as value_basis,
        (row_number() over (
            partition by
                current_halos.id_space,
                current_halos.level,
                current_halos.currency_code
            order by current_halos.lo desc, items.item asc
        ))::integer as halo_rank,
        items.item,
        coalesce(products.product_name, items.item) as item_name,
        current_halos.baskets::bigint as baskets,
        {% for column, name in [
            ('other_value', 'other_value'),
            ('matched_value', 'matched_value'),
            ('halo', 'halo_value'),
            ('lo', 'halo_lo'),
            ('hi', 'halo_hi'),
        ] -%}
        current_halos.{{ column }}::double as {{ name }},
        {% endfor -%}
        (current_halos.halo * current_halos.baskets)::double as halo_total,
        current_halos.p_adjusted::double as p_adjusted,
        current_halos.lo > 0 and current_halos.p_adjusted < 0.05 as sells_others,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict

    from current_halos

    inner join items
        on current_halos.item_code = items.item_code

    left join products
        on
            items.level = 'product'
            and items.item = products.product_id
            and products.is_current

    left join verdicts
        on
            current_halos.id_space = verdicts.id_space
            and concat(current_halos.level, ' ', current_halos.currency_code)
            = verdicts.part
            and verdicts.model = 'halo'

)

select * from final
