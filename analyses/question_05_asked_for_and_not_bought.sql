{#  05: what do people ask for and not buy within 14 days?

    Bought is what the order that came of the enquiry holds, or what a known customer
    bought from the moment of asking to 14 business days later. Of somebody who is not
    known and named no order, nothing can be said: anonymous. Of the last 14 days, the
    end is not known yet: too early. The four add up to the enquiries.  #}

{% set window_days = 14 %}

with

enquiries as (

    select * from {{ ref('fct_enquiry') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

sales as (

    select * from sales_lines

    where line_type = 'sale'

),

last_days as (

    select
        {{ id_space_of('order_id') }} as id_space,
        max(date_key) as last_date

    from sales_lines

    group by id_space

),

bought_by_order as (

    select distinct enquiries.enquiry_key

    from enquiries

    inner join sales
        on
            enquiries.order_id = sales.order_id
            and enquiries.product_id = sales.product_id

),

bought_by_customer as (

    select distinct enquiries.enquiry_key

    from enquiries

    inner join sales
        on
            enquiries.customer_id = sales.customer_id
            and enquiries.product_id = sales.product_id

    where
        enquiries.customer_key > 0
        and sales.ordered_at >= enquiries.asked_at
        and sales.date_key <= enquiries.date_key + {{ window_days }}

),

told as (

    select
        enquiries.source_system,
        enquiries.product_key,
        enquiries.is_in_stock,
        case
            when
                bought_by_order.enquiry_key is not null
                or bought_by_customer.enquiry_key is not null
                then 'bought'
            when
                enquiries.date_key + {{ window_days }}
                > coalesce(last_days.last_date, enquiries.date_key)
                then 'too early'
            when enquiries.customer_key > 0 or enquiries.order_id is not null
                then 'not bought'
            else 'anonymous'
        end as outcome

    from enquiries

    left join bought_by_order
        on enquiries.enquiry_key = bought_by_order.enquiry_key

    left join bought_by_customer
        on enquiries.enquiry_key = bought_by_customer.enquiry_key

    left join last_days
        on {{ id_space_of('enquiries.enquiry_id') }} = last_days.id_space

),

final as (

    select
        told.source_system,
        products.current_department as department,
        products.current_product_class as product_class,
        count(*) as enquiries,
        count(*) filter (not told.is_in_stock) as out_of_stock,
        count(*) filter (told.outcome = 'bought') as bought,
        count(*) filter (told.outcome = 'not bought') as known_not_bought,
        count(*) filter (told.outcome = 'anonymous') as anonymous,
        count(*) filter (told.outcome = 'too early') as too_early,
        round(
            count(*) filter (told.outcome = 'not bought')
            / nullif(count(*) filter (told.outcome in ('bought', 'not bought')), 0),
            4
        ) as not_bought_share_of_known

    from told

    inner join products
        on told.product_key = products.product_key

    group by
        told.source_system,
        products.current_department,
        products.current_product_class

)

select * from final

order by
    source_system asc,
    known_not_bought desc,
    department asc,
    product_class asc
