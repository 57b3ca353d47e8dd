{#  Grain: one row an id space, currency, part (segment, category and region as they are
    now) and business day with sales, to the current cut-off and as known by then. The
    largest categories and regions have a name; the rest are one, `other`.  #}

{% set most = var('forecast_names') %}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select * from {{ ref('int_sales_batch') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

customers as (

    select * from {{ ref('dim_customer') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

-- a line that came for a day already known was recorded on the day after, or later
known as (

    select
        cutoffs.id_space,
        cutoffs.cutoff_date,
        sales_lines.currency_code,
        sales_lines.customer_id,
        sales_lines.product_id,
        sales_lines.store_id,
        sales_lines.date_key,
        sum(sales_lines.net_amount) as net_amount

    from sales_lines

    inner join batches
        on
            sales_lines.source_system = batches.source_system
            and sales_lines.batch_id = batches.batch_id

    inner join cutoffs
        on
            {{ id_space_of_system('sales_lines.source_system') }} = cutoffs.id_space
            and sales_lines.date_key <= cutoffs.cutoff_date
            and sales_lines.date_key
            > cutoffs.cutoff_date - {{ var('forecast_history_days') }}

    where
        cutoffs.is_current
        and coalesce(batches.known_through < cutoffs.cutoff_date, true)

    group by
        cutoffs.id_space,
        cutoffs.cutoff_date,
        sales_lines.currency_code,
        sales_lines.customer_id,
        sales_lines.product_id,
        sales_lines.store_id,
        sales_lines.date_key

),

named as (

    select
        known.id_space,
        known.cutoff_date,
        known.currency_code,
        coalesce(customers.current_customer_type, 'Unknown') as segment,
        coalesce(products.current_department, 'Unknown') as category,
        coalesce(stores.current_region, 'Unknown') as region,
        known.date_key,
        sum(known.net_amount) as net_amount

    from known

    left join customers
        on known.customer_id = customers.customer_id and customers.is_current

    left join products
        on known.product_id = products.product_id and products.is_current

    left join stores
        on known.store_id = stores.store_id and stores.is_current

    group by
        known.id_space,
        known.cutoff_date,
        known.currency_code,
        coalesce(customers.current_customer_type, 'Unknown'),
        coalesce(products.current_department, 'Unknown'),
        coalesce(stores.current_region, 'Unknown'),
        known.date_key

),

{% for attribute in ['category', 'region'] -%}
largest_{{ attribute }} as (

    select
        id_space,
        currency_code,
        {{ attribute }} as name

    from named

    where date_key > cutoff_date - 365

    group by
        id_space,
        currency_code,
        {{ attribute }}

    qualify
        row_number() over (
            partition by id_space, currency_code
            order by sum(net_amount) desc, {{ attribute }} asc
        ) <= {{ most }}

),

{% endfor -%}
final as (

    select
        named.id_space,
        named.cutoff_date,
        named.currency_code,
        named.segment,
        coalesce(largest_category.name, 'other') as category,
        coalesce(largest_region.name, 'other') as region,
        named.date_key,
        sum(named.net_amount)::decimal(18, 2) as net_amount

    from named

    left join largest_category
        on
            named.id_space = largest_category.id_space
            and named.currency_code = largest_category.currency_code
            and named.category = largest_category.name

    left join largest_region
        on
            named.id_space = largest_region.id_space
            and named.currency_code = largest_region.currency_code
            and named.region = largest_region.name

    group by
        named.id_space,
        named.cutoff_date,
        named.currency_code,
        named.segment,
        coalesce(largest_category.name, 'other'),
        coalesce(largest_region.name, 'other'),
        named.date_key

)

select * from final
