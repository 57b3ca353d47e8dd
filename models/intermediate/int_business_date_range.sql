{#  Grain: one row, the first and last day that the data needs in the calendar.

    No system is read yet, so none is needed.  #}

with

final as (

    select
        null::date as first_business_date,
        null::date as last_business_date

)

select * from final
