{#  Grain: one row a customer who bought something: a number, in an order that has
    nothing to do with what was bought, and whether the customer may be recommended
    products. Who withdrew must not be, however lately: consent is as known now.

    Systems that tell nothing of consent are not held back by it.  #}

with

items as (

    select * from {{ ref('int_customer_item') }}

),

consents as (

    select * from {{ ref('fct_consent_span') }}

),

told as (

    select distinct {{ id_space_of_system('source_system') }} as id_space

    from consents

    where purpose_code = 'marketing'

),

agreed as (

    select
        customer_id,
        bool_or(is_granted) filter (purpose_code = 'marketing') as may_be_addressed,
        bool_or(not is_granted) filter (purpose_code = 'profiling')
            as objects_to_profiles

    from consents

    where is_current

    group by customer_id

),

customers as (

    select
        id_space,
        customer_id,
        min(known_on) as known_on

    from items

    group by id_space, customer_id

),

final as (

    select
        customers.id_space,
        customers.customer_id,
        (row_number() over (
            partition by customers.id_space
            order by md5_number_lower(customers.customer_id), customers.customer_id
        ))::integer as customer_number,
        customers.known_on,
        told.id_space is null
        or (
            coalesce(agreed.may_be_addressed, false)
            and not coalesce(agreed.objects_to_profiles, false)
        ) as has_consent

    from customers

    left join told
        on customers.id_space = told.id_space

    left join agreed
        on customers.customer_id = agreed.customer_id

)

select * from final
