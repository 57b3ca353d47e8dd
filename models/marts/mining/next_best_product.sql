{#  Grain: one row an id space, customer and rank. A customer who may not be recommended
    anything, or of whom nothing can be said, has one row of rank 0 that says why.  #}

with

lists as (

    select * from {{ ref('py_next_product') }}

),

customers as (

    select * from {{ ref('int_next_customer') }}

),

choices as (

    select * from {{ ref('int_item_choice') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

named as (

    select
        choices.id_space,
        choices.item_number,
        choices.product_id,
        choices.buyers,
        choices.margin_amount,
        coalesce(products.product_name, choices.product_id) as product_name

    from choices

    left join products
        on choices.product_id = products.product_id and products.is_current

    where choices.is_current

),

fits as (

    select
        id_space,
        any_value(status) as status,
        any_value(reason) as reason

    from lists

    where customer_number = 0

    group by id_space

),

known_customers as (

    select
        customers.id_space,
        customers.customer_id,
        customers.customer_number,
        customers.has_consent,
        cutoffs.cutoff_date as as_of,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(fits.status, 'insufficient_data') as fit_status,
        coalesce(fits.reason, '') as fit_reason

    from customers

    inner join cutoffs
        on
            customers.id_space = cutoffs.id_space
            and customers.known_on <= cutoffs.cutoff_date
            and cutoffs.is_current

    left join fits
        on customers.id_space = fits.id_space

    left join verdicts
        on
            customers.id_space = verdicts.id_space
            and verdicts.model = 'next_product'

),

final as (

    select
        known_customers.id_space,
        known_customers.customer_id,
        coalesce(lists.rank, 0)::integer as product_rank,
        known_customers.as_of,
        items.product_id,
        items.product_name,
        lists.score::double as score,
        case
            when lists.rank is null then null
            when lists.because_number > 0
                then 'bought by customers who bought ' || because.product_name
            else 'bought by ' || items.buyers || ' customers'
        end as product_reason,
        because.product_id as because_product_id,
        items.margin_amount as expected_margin_amount,
        case
            when lists.rank is null then 'none'
            when lists.source = 'popularity' then 'popularity'
            else 'model'
        end as method,
        known_customers.verdict,
        case
            when not known_customers.has_consent then 'no_consent'
            when lists.rank is null and known_customers.fit_status = 'ok'
                then 'nothing_left'
            else known_customers.fit_status
        end as status,
        case
            when not known_customers.has_consent
                then 'no consent to marketing, or an objection to profiles'
            when lists.rank is null and known_customers.fit_status = 'ok'
                then 'nothing that is sold and in stock was not bought yet'
            else known_customers.fit_reason
        end as reason

    from known_customers

    left join lists
        on
            known_customers.id_space = lists.id_space
            and known_customers.customer_number = lists.customer_number

    left join named as items
        on
            lists.id_space = items.id_space
            and lists.item_number = items.item_number

    left join named as because
        on
            lists.id_space = because.id_space
            and lists.because_number = because.item_number

)

select * from final
