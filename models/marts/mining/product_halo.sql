{#  Grain: one row an id space, currency, level and item, as of the current cut-off.  #}

with

halos as (

    select * from {{ ref('py_product_halo') }}

),

stock_out_halos as (

    select * from {{ ref('py_stock_out_halo') }}

),

items as (

    select * from {{ ref('int_item') }}

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

told_by_stock_outs as (

    select
        id_space::varchar as id_space,
        currency_code::varchar as currency_code,
        item_code::integer as item_code,
        out_days::bigint as out_days,
        out_baskets::bigint as out_baskets,
        {% for column in ['halo', 'lo', 'hi', 'p_adjusted'] -%}
        {{ finite(column) }} as {{ column }},
        {% endfor -%}
        reason::varchar as reason

    from stock_out_halos

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
        items.item_name,
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
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(told_by_stock_outs.out_days, 0)::bigint as stock_out_days,
        coalesce(told_by_stock_outs.out_baskets, 0)::bigint as stock_out_baskets,
        told_by_stock_outs.halo as stock_out_halo_value,
        told_by_stock_outs.lo as stock_out_halo_lo,
        told_by_stock_outs.hi as stock_out_halo_hi,
        case
            when told_by_stock_outs.halo is null then 'insufficient_data'
            when told_by_stock_outs.lo > 0 and told_by_stock_outs.p_adjusted < 0.05
                then 'confirmed'
            else 'not_confirmed'
        end as stock_out_verdict,
        case
            when items.level <> 'product' then 'told of products alone'
            else coalesce(
                told_by_stock_outs.reason,
                'out of stock through no day that can be compared'
            )
        end as stock_out_reason

    from current_halos

    inner join items
        on current_halos.item_code = items.item_code

    left join verdicts
        on
            current_halos.id_space = verdicts.id_space
            and concat(current_halos.level, ' ', current_halos.currency_code)
            = verdicts.part
            and verdicts.model = 'halo'

    left join told_by_stock_outs
        on
            current_halos.id_space = told_by_stock_outs.id_space
            and current_halos.currency_code = told_by_stock_outs.currency_code
            and current_halos.item_code = told_by_stock_outs.item_code

)

select * from final
