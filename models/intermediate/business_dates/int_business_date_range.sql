{#  Grain: one row. The first and last day that any fact names.  #}

with

as_of as (

    select * from {{ ref('int_as_of') }}

),

contacts as (

    select * from {{ ref('int_contacts') }}

),

responses as (

    select * from {{ ref('int_responses') }}

),

named as (

    select first_business_date as business_date from as_of

    union all

    select greatest(as_of, last_business_date) as business_date from as_of

    union all

    select assigned_on as business_date from contacts

    where assigned_on <> date '1900-01-01'

    union all

    select responded_on as business_date from responses

    where responded_on <> date '1900-01-01'

),

final as (

    select
        min(business_date) as first_business_date,
        max(business_date) as last_business_date

    from named

)

select * from final
