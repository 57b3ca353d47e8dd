{#  One row a cost item of a cell, beside what each contact cost.  #}

with

source as (

    select * from {{ source('example_marketing', 'costs') }}

),

final as (

    select
        cost_id as source_record_id,
        cell_id as source_cell_id,
        cost_date as spent_on,
        cost_type,
        'EUR' as currency_code,
        spend_amount,
        impressions as impression_count,
        {{ record_columns() }}

    from source

)

select * from final
