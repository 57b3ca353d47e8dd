{#  Grain: one row a system with order lines. The day that its snapshots run to: the
    variable as_of, or else its own last business day.  #}

with

order_lines as (

    select * from {{ ref('int_order_lines') }}

),

final as (

    select
        id_space,
        {% if var('as_of') %}
        date '{{ var('as_of') }}' as as_of,
        {% else %}
        max(ordered_at_local)::date as as_of,
        {% endif %}
        min(ordered_at_local)::date as first_business_date,
        max(ordered_at_local)::date as last_business_date

    from order_lines

    group by id_space

)

select * from final
