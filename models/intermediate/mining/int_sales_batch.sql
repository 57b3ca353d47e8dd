{#  Grain: one row a system and load batch that sales lines are from: through which
    business day the system was known before that load.  #}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select
        source_system,
        batch_id,
        min(loaded_at) as loaded_at,
        max(date_key) as last_business_date

    from sales_lines

    group by source_system, batch_id

),

final as (

    select
        source_system,
        batch_id,
        max(last_business_date) over (
            partition by source_system
            order by loaded_at, batch_id
            rows between unbounded preceding and 1 preceding
        ) as known_through

    from batches

)

select * from final
