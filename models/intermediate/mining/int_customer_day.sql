{#  Grain: one row a customer, business day and day from which on it was known.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

final as (

    select
        id_space,
        customer_id,
        date_key,
        recorded_on,
        (count(distinct order_key) filter (line_type = 'sale'))::integer
            as order_count,
        sum(net_amount)::decimal(18, 2) as net_amount,
        coalesce(sum(margin_amount), 0)::decimal(18, 2) as margin_amount,
        count(*)::integer as line_count,
        (count(*) - count(margin_amount))::integer as costless_line_count,
        case
            when min(currency_code) = max(currency_code) then min(currency_code)
            else 'mixed'
        end as currency_code

    from known_lines

    where customer_id is not null

    group by
        id_space,
        customer_id,
        date_key,
        recorded_on

)

select * from final
