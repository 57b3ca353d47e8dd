{#  Grain: one row an id space, cut-off, customer and product of int_item_choice, by
    number: bought by the cut-off, or, as a label, for the first time after the gap.
    Number 0 is any other product.  #}

with

items as (

    select * from {{ ref('int_customer_item') }}

),

customers as (

    select * from {{ ref('int_next_customer') }}

),

choices as (

    select * from {{ ref('int_item_choice') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

chosen_cutoffs as (

    select distinct
        choices.id_space,
        choices.cutoff_date,
        cutoffs.is_mature,
        cutoffs.label_from,
        cutoffs.label_to

    from choices

    inner join cutoffs
        on
            choices.id_space = cutoffs.id_space
            and choices.cutoff_date = cutoffs.cutoff_date

),

placed as (

    select
        chosen_cutoffs.id_space,
        chosen_cutoffs.cutoff_date,
        items.customer_id,
        items.product_id,
        items.known_on > chosen_cutoffs.cutoff_date as is_label

    from items

    inner join chosen_cutoffs
        on
            items.id_space = chosen_cutoffs.id_space
            and (
                items.known_on <= chosen_cutoffs.cutoff_date
                or (
                    chosen_cutoffs.is_mature
                    and items.first_date between chosen_cutoffs.label_from
                    and chosen_cutoffs.label_to
                )
            )

),

final as (

    select distinct
        placed.id_space,
        placed.cutoff_date,
        customers.customer_number,
        coalesce(choices.item_number, 0)::integer as item_number,
        placed.is_label,
        customers.has_consent

    from placed

    inner join customers
        on
            placed.id_space = customers.id_space
            and placed.customer_id = customers.customer_id

    left join choices
        on
            placed.id_space = choices.id_space
            and placed.cutoff_date = choices.cutoff_date
            and placed.product_id = choices.product_id

    order by
        placed.id_space,
        placed.cutoff_date,
        customers.customer_number

)

select * from final
