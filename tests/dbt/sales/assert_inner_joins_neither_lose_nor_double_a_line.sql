-- Every dimension joined on its key, inner, leaves rows and money as they are.

with

lines as not materialized (

    select * from {{ ref('fct_sales_line') }}

    where {{ untested(ref('fct_sales_line')) }}

),

joined as (

    select
        count(*) as line_count,
        sum(lines.net_amount) as net_amount

    from lines

    inner join {{ ref('dim_date') }} as dates
        on lines.date_key = dates.date_key

    inner join {{ ref('dim_time_of_day') }} as times
        on lines.time_key = times.time_key

    inner join {{ ref('dim_customer') }} as customers
        on lines.customer_key = customers.customer_key

    inner join {{ ref('dim_product') }} as products
        on lines.product_key = products.product_key

    inner join {{ ref('dim_store') }} as stores
        on lines.store_key = stores.store_key

    inner join {{ ref('dim_channel') }} as channels
        on lines.channel_key = channels.channel_key

    inner join {{ ref('dim_offer') }} as offers
        on lines.offer_key = offers.offer_key

),

alone as (

    select
        count(*) as line_count,
        sum(net_amount) as net_amount

    from lines

)

select
    alone.line_count,
    alone.net_amount,
    joined.line_count as joined_line_count,
    joined.net_amount as joined_net_amount

from alone

cross join joined

where
    (alone.line_count, alone.net_amount)
    is distinct from (joined.line_count, joined.net_amount)
