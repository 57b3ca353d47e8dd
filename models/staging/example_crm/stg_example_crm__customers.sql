{#  Names, addresses, card and date of birth stay in the raw zone. The age is that
    of the last save: no clock is read.  #}

with

source as (

    select * from {{ source('example_crm', 'parties') }}

),

final as (

    select
        party_id || '|' || changed_at as source_record_id,
        party_id as source_customer_id,
        {{ to_utc('changed_at', 'example_crm') }} as changed_at,
        party_type as customer_type,
        country,
        region,
        city,
        language,
        loyalty_tier,
        case
            when datesub('year', birth_date, changed_at::date) < 18 then '0-17'
            when datesub('year', birth_date, changed_at::date) < 25 then '18-24'
            when datesub('year', birth_date, changed_at::date) < 35 then '25-34'
            when datesub('year', birth_date, changed_at::date) < 45 then '35-44'
            when datesub('year', birth_date, changed_at::date) < 55 then '45-54'
            when datesub('year', birth_date, changed_at::date) < 65 then '55-64'
            when birth_date is not null then '65+'
        end as age_band,
        income_band,
        is_test,
        is_employee,
        {{ record_columns() }}

    from source

)

select * from final
