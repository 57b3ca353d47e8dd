{#  Grain: one row a business day, customer and activity that has a rate: how much of it
    the customer caused.  #}

{{ config(materialized='view') }}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

interactions as (

    select * from {{ ref('fct_interaction') }}

),

cases as (

    select * from {{ ref('fct_case') }}

),

contacts as (

    select * from {{ ref('fct_contact') }}

),

-- distinct rows and a count take less memory than a distinct count of each customer
orders as (

    select distinct
        source_system,
        customer_id,
        date_key,
        order_key

    from sales_lines

    where line_type = 'sale'

),

caused as (

    select
        source_system,
        customer_id,
        date_key,
        'order' as activity_code,
        count(*)::decimal(18, 4) as units

    from orders

    group by
        source_system,
        customer_id,
        date_key

    union all

    select
        source_system,
        customer_id,
        date_key,
        case line_type when 'sale' then 'order_line' else 'return_line' end
            as activity_code,
        count(*)::decimal(18, 4) as units

    from sales_lines

    where line_type in ('sale', 'return')

    group by
        source_system,
        customer_id,
        date_key,
        line_type

    union all

    select
        source_system,
        customer_id,
        date_key,
        'interaction_minute' as activity_code,
        (sum(handle_seconds) / 60)::decimal(18, 4) as units

    from interactions

    group by
        source_system,
        customer_id,
        date_key

    union all

    select
        source_system,
        customer_id,
        date_key,
        'case' as activity_code,
        sum(case_count)::decimal(18, 4) as units

    from cases

    group by
        source_system,
        customer_id,
        date_key

    union all

    select
        source_system,
        customer_id,
        date_key,
        'contact' as activity_code,
        sum(contacted_count)::decimal(18, 4) as units

    from contacts

    where cost_amount is null

    group by
        source_system,
        customer_id,
        date_key

),

final as (

    select
        {{ id_space_of_system('source_system') }} as id_space,
        customer_id,
        date_key,
        activity_code,
        sum(units)::decimal(18, 4) as units

    from caused

    group by
        id_space,
        customer_id,
        date_key,
        activity_code

    having sum(units) > 0

)

select * from final
