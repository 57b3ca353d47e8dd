{#  Grain: one row an order, product and cut-off of int_item_choice, by what is known of
    a visitor before it is known who it is: how a visit came and by what device, else
    the channel. Orders of the year before the cut-off, and, as a label, after the
    gap.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select * from {{ ref('int_sales_batch') }}

),

visits as (

    select * from {{ ref('fct_visit') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

choices as (

    select * from {{ ref('int_item_choice') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

-- one visit an order, should a system tell several
visit_types as (

    select
        order_id,
        min(entry_source || ', ' || device_class) as visitor_type

    from visits

    where order_id is not null

    group by order_id

),

chosen_cutoffs as (

    select distinct
        choices.id_space,
        choices.cutoff_date,
        choices.is_current,
        cutoffs.is_mature,
        cutoffs.label_from,
        cutoffs.label_to

    from choices

    inner join cutoffs
        on
            choices.id_space = cutoffs.id_space
            and choices.cutoff_date = cutoffs.cutoff_date

),

final as (

    select distinct
        chosen_cutoffs.id_space,
        chosen_cutoffs.cutoff_date,
        chosen_cutoffs.is_current,
        coalesce(visit_types.visitor_type, channels.sub_channel, 'Unknown')
            as visitor_type,
        sales_lines.order_key,
        choices.item_number,
        sales_lines.date_key > chosen_cutoffs.cutoff_date as is_label

    from sales_lines

    inner join batches
        on
            sales_lines.source_system = batches.source_system
            and sales_lines.batch_id = batches.batch_id

    inner join chosen_cutoffs
        on
            {{ id_space_of_system('sales_lines.source_system') }}
            = chosen_cutoffs.id_space
            and (
                (
                    sales_lines.date_key <= chosen_cutoffs.cutoff_date
                    and sales_lines.date_key > chosen_cutoffs.cutoff_date - 365
                    and coalesce(
                        batches.known_through < chosen_cutoffs.cutoff_date, true
                    )
                )
                or (
                    chosen_cutoffs.is_mature
                    and sales_lines.date_key between chosen_cutoffs.label_from
                    and chosen_cutoffs.label_to
                )
            )

    inner join choices
        on
            chosen_cutoffs.id_space = choices.id_space
            and chosen_cutoffs.cutoff_date = choices.cutoff_date
            and sales_lines.product_id = choices.product_id

    left join visit_types
        on sales_lines.order_id = visit_types.order_id

    left join channels
        on sales_lines.channel_key = channels.channel_key

    where
        sales_lines.line_type = 'sale'
        and choices.held_back_because is null

)

select * from final
