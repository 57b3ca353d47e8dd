{#  Grain: one row an id space, currency and customer who bought or caused a cost in the
    last twelve months: the most profitable first, and how much all so far brought.
    Sums of sales that no customer is known of are no part of it.  #}

with

profits as (

    select * from {{ ref('customer_profitability') }}

),

-- special members have no colon in their id
years as (

    select
        id_space,
        currency_code,
        customer_id,
        any_value(as_of) as as_of,
        sum(net_amount) as net_amount,
        sum(contribution_1) as contribution_1,
        sum(contribution_3) as contribution_3

    from profits

    where
        status = 'ok'
        and contains(customer_id, ':')
        and month_start > as_of - interval 12 month

    group by
        id_space,
        currency_code,
        customer_id

),

ranked as (

    select
        *,
        row_number() over ranking as whale_rank,
        count(*) over currencies as customers,
        sum(contribution_3) over ranking as cumulative_amount,
        sum(contribution_3) over currencies as total_amount

    from years

    window
        currencies as (partition by id_space, currency_code),
        ranking as (
            partition by id_space, currency_code
            order by contribution_3 desc, customer_id asc
            rows between unbounded preceding and current row
        )

),

final as (

    select
        id_space,
        currency_code,
        customer_id,
        as_of,
        whale_rank::integer as whale_rank,
        (1 + (whale_rank - 1) * 100 // customers)::integer as hundredth,
        net_amount::decimal(18, 2) as net_amount,
        contribution_1::decimal(18, 4) as contribution_1,
        contribution_3::decimal(18, 4) as contribution_3,
        cumulative_amount::decimal(18, 4) as cumulative_amount,
        case when total_amount > 0 then cumulative_amount / total_amount end::double
            as cumulative_share

    from ranked

)

select * from final
