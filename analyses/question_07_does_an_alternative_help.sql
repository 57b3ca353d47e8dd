{#  07: does offering another product help when the one asked for is not there?

    Sold is what the systems say came of the enquiry. Nobody decided at random whom to
    offer something, so the difference is a hint and no proof.  #}

with

enquiries as (

    select * from {{ ref('fct_enquiry') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

by_class as (

    select
        enquiries.source_system,
        products.current_department as department,
        products.current_product_class as product_class,
        case
            when enquiries.is_in_stock then 'in stock'
            when not enquiries.is_in_stock then 'out of stock'
            else 'unknown'
        end as stock,
        enquiries.alternative_offered_count = 1 as is_alternative_offered,
        sum(enquiries.enquiry_count) as enquiries,
        sum(enquiries.alternative_accepted_count) as accepted,
        sum(enquiries.sold_count) as sold

    from enquiries

    inner join products
        on enquiries.product_key = products.product_key

    group by
        enquiries.source_system,
        products.current_department,
        products.current_product_class,
        stock,
        is_alternative_offered

),

final as (

    select
        source_system,
        department,
        product_class,
        stock,
        is_alternative_offered,
        enquiries,
        accepted,
        sold,
        round(sold / nullif(enquiries, 0), 4) as sold_rate,
        round(
            sum(sold) over without_class / nullif(sum(enquiries) over without_class, 0),
            4
        ) as sold_rate_of_all_classes

    from by_class

    window without_class as (
        partition by source_system, stock, is_alternative_offered
    )

)

select * from final

order by source_system, department, product_class, stock, is_alternative_offered
