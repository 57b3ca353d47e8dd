{#  Grain: one row an id space, cut-off (the current one, and the newest whose outcome
    is known) and product of the most bought: its number, and whether it may be
    recommended.  #}

with

items as (

    select * from {{ ref('int_customer_item') }}

),

known_lines as (

    select * from {{ ref('int_known_line') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select * from {{ ref('int_sales_batch') }}

),

stock_outs as (

    select * from {{ ref('fct_stock_out') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

chosen_cutoffs as (

    select
        id_space,
        cutoff_date,
        is_current

    from cutoffs

    where is_observed

    qualify
        row_number() over (
            partition by id_space, is_current order by cutoff_date desc
        ) = 1

),

bought as (

    select
        chosen_cutoffs.id_space,
        chosen_cutoffs.cutoff_date,
        chosen_cutoffs.is_current,
        items.product_id,
        count(*) as buyers

    from items

    inner join chosen_cutoffs
        on
            items.id_space = chosen_cutoffs.id_space
            and items.known_on <= chosen_cutoffs.cutoff_date

    group by
        chosen_cutoffs.id_space,
        chosen_cutoffs.cutoff_date,
        chosen_cutoffs.is_current,
        items.product_id

),

numbered as (

    select
        *,
        row_number() over (
            partition by id_space, cutoff_date order by buyers desc, product_id asc
        ) as item_number

    from bought

    qualify item_number <= {{ var('next_product_items') }}

),

-- what it brings, of the lines of a year whose margin is known
earned as (

    select
        chosen_cutoffs.cutoff_date,
        known_lines.product_id,
        avg(known_lines.margin_amount) as margin_amount

    from known_lines

    inner join chosen_cutoffs
        on
            known_lines.id_space = chosen_cutoffs.id_space
            and known_lines.date_key <= chosen_cutoffs.cutoff_date
            and known_lines.date_key > chosen_cutoffs.cutoff_date - 365
            and known_lines.recorded_on <= chosen_cutoffs.cutoff_date

    where known_lines.line_type = 'sale'

    group by chosen_cutoffs.cutoff_date, known_lines.product_id

),

-- in how many stores it was sold lately, and in how many of them it has run out
sellers as (

    select distinct
        chosen_cutoffs.cutoff_date,
        sales_lines.product_id,
        sales_lines.store_id

    from sales_lines

    inner join batches
        on
            sales_lines.source_system = batches.source_system
            and sales_lines.batch_id = batches.batch_id

    inner join chosen_cutoffs
        on
            {{ id_space_of_system('sales_lines.source_system') }}
            = chosen_cutoffs.id_space
            and sales_lines.date_key <= chosen_cutoffs.cutoff_date
            and sales_lines.date_key > chosen_cutoffs.cutoff_date - 91
            and coalesce(batches.known_through < chosen_cutoffs.cutoff_date, true)

    where sales_lines.line_type = 'sale'

),

stocked as (

    select
        sellers.cutoff_date,
        sellers.product_id,
        count(distinct sellers.store_id) as stores,
        count(distinct stock_outs.store_id) as stores_out

    from sellers

    left join stock_outs
        on
            sellers.product_id = stock_outs.product_id
            and sellers.store_id = stock_outs.store_id
            and sellers.cutoff_date >= stock_outs.date_key
            and (
                stock_outs.out_to is null
                or sellers.cutoff_date < stock_outs.out_to::date
            )

    group by sellers.cutoff_date, sellers.product_id

),

final as (

    select
        numbered.id_space,
        numbered.cutoff_date,
        numbered.is_current,
        numbered.product_id,
        numbered.item_number::integer as item_number,
        numbered.buyers::integer as buyers,
        earned.margin_amount::double as margin_amount,
        coalesce(stocked.stores, 0)::integer as stores,
        coalesce(stocked.stores_out, 0)::integer as stores_out,
        case
            when coalesce(stocked.stores, 0) = 0 then 'not sold for 91 days'
            when stocked.stores_out >= stocked.stores then 'out of stock'
            when earned.margin_amount <= {{ var('next_product_least_margin') }}
                then 'too little margin'
        end as held_back_because

    from numbered

    left join earned
        on
            numbered.product_id = earned.product_id
            and numbered.cutoff_date = earned.cutoff_date

    left join stocked
        on
            numbered.product_id = stocked.product_id
            and numbered.cutoff_date = stocked.cutoff_date

)

select * from final
