{#  Grain: one row an id space with sales lines. The day that its snapshots run to: the
    variable as_of, or else its own last business day.

    A table, so that the lines are asked for their days once and not by every reader.  #}

{{ config(materialized='table') }}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

by_system as (

    select
        source_system,
        min(date_key) as first_business_date,
        max(date_key) as last_business_date

    from sales_lines

    group by source_system

),

final as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        {% if var('as_of') %}
        date '{{ var('as_of') }}' as as_of,
        {% else %}
        max(last_business_date) as as_of,
        {% endif %}
        min(first_business_date) as first_business_date,
        max(last_business_date) as last_business_date

    from by_system

    group by id_space

)

select * from final
