{#  Grain: one row. The first and last day that any fact names.  #}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

responses as (

    select * from {{ ref('fct_response') }}

),

named as (

    select first_business_date as business_date from as_of

    union all

    select greatest(as_of, last_business_date) as business_date from as_of

    union all

    select date_key as business_date from contacts

    where date_key <> date '1900-01-01'

    union all

    select date_key as business_date from responses

    where date_key <> date '1900-01-01'

),

final as (

    select
        min(business_date) as first_business_date,
        max(business_date) as last_business_date

    from named

)

select * from final
