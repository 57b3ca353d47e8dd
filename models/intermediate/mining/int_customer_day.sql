{#  Grain: one row a customer, business day and day from which on it was known. Value is
    margin where the system tells the cost of all lines of customers, else what they
    paid.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

bases as (

    select
        id_space,
        count(*) = count(margin_amount) as has_margin

    from known_lines

    where customer_id is not null

    group by id_space

),

final as (

    select
        known_lines.id_space,
        known_lines.customer_id,
        known_lines.date_key,
        known_lines.recorded_on,
        (count(distinct known_lines.order_key) filter (
            known_lines.line_type = 'sale'
        ))::integer as order_count,
        sum(known_lines.net_amount)::decimal(18, 2) as net_amount,
        sum(
            case
                when bases.has_margin then known_lines.margin_amount
                else known_lines.net_amount
            end
        )::decimal(18, 2) as value_amount,
        case when any_value(bases.has_margin) then 'margin' else 'net' end
            as value_basis,
        case
            when min(known_lines.currency_code) = max(known_lines.currency_code)
                then min(known_lines.currency_code)
            else 'mixed'
        end as currency_code

    from known_lines

    inner join bases
        on known_lines.id_space = bases.id_space

    where known_lines.customer_id is not null

    group by
        known_lines.id_space,
        known_lines.customer_id,
        known_lines.date_key,
        known_lines.recorded_on

)

select * from final
