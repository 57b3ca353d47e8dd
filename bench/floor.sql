-- The stars of customers, products and sales, written by hand for this one company:
-- no packs, no quarantine, no later batch. The same rows as those of the project, but
-- for what none of them needs: who is first named by which batch.
-- {home} is the warehouse home.

create macro key_of(a, b) as (
    md5_number(concat(
        coalesce(length(a::varchar) || ':' || a::varchar, 'null'), '|',
        coalesce(length(b::varchar) || ':' || b::varchar, 'null')
    )) & 9223372036854775807
)::bigint;

create macro key_of_one(a) as (
    md5_number(concat(coalesce(length(a::varchar) || ':' || a::varchar, 'null')))
    & 9223372036854775807
)::bigint;

create table special as
select * from (values
    (-1, 'unknown', 'Unknown'),
    (-2, 'anonymous', 'Anonymous'),
    (-3, 'not_applicable', 'Not applicable'),
    (-4, 'erased', 'Erased')
) as t (key, id, label);

create table dim_channel as
select key_of_one(channel_code) as channel_key, 'channel' as member_type, *
from read_csv('{seeds}/channel.csv')
union all
select key, 'special', id, label, label, label, label, false from special;

create table dim_reason as
select key_of_one('example:' || code) as reason_key, 'example:' || code as reason_id
from (
    select distinct return_reason_code as code
    from '{home}/raw/example_shop/order_lines/*/*.parquet'
    where return_reason_code is not null
);

create table acquisition as
select
    'example:' || party_id as customer_id,
    arg_min(
        {
            'on': (ordered_at at time zone 'UTC' at time zone 'Europe/Lisbon')::date,
            'channel': channel_code,
            'product': 'example:' || product_id
        },
        {'at': ordered_at, 'id': order_id || '|' || line_number}
    ) as first
from '{home}/raw/example_shop/order_lines/*/*.parquet'
where party_id is not null
group by party_id;

create table dim_customer as
with saves as (
    select
        'example:' || party_id as customer_id, party_id, party_type, country, region,
        city, language, loyalty_tier, birth_date, income_band, is_test, is_employee,
        changed_at, _loaded_at, _batch_id,
        row(party_type, country, region, city, language, loyalty_tier) as kept
    from '{home}/raw/example_crm/parties/*/*.parquet'
),
compared as (
    select
        *,
        lag(kept) over saved as kept_before,
        row_number() over saved as number
    from saves
    window saved as (partition by customer_id order by changed_at)
),
versions as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31') over (
            partition by customer_id order by valid_from
        ) as valid_to
    from (
        select
            *,
            case when number = 1 then timestamp '1900-01-01' else changed_at end
                as valid_from
        from compared
        where number = 1 or kept is distinct from kept_before
    )
),
latest as (
    select * from saves
    qualify row_number() over (partition by customer_id order by changed_at desc) = 1
),
-- the last version's attributes may be older than the last save
current_version as (
    select * from versions where valid_to = timestamp '9999-12-31'
),
-- named by a sale and described by no extract
inferred as (
    select customer_id from acquisition
    anti join latest using (customer_id)
)
select
    key_of(versions.customer_id, versions.valid_from) as customer_key,
    versions.customer_id,
    versions.party_id as source_customer_id,
    'customer' as member_type,
    versions.party_type as customer_type,
    current_version.party_type as current_customer_type,
    versions.country,
    current_version.country as current_country,
    versions.region,
    current_version.region as current_region,
    versions.city,
    current_version.city as current_city,
    versions.language,
    current_version.language as current_language,
    versions.loyalty_tier,
    current_version.loyalty_tier as current_loyalty_tier,
    case
        when datesub('year', latest.birth_date, latest.changed_at::date) < 18 then '0-17'
        when datesub('year', latest.birth_date, latest.changed_at::date) < 25 then '18-24'
        when datesub('year', latest.birth_date, latest.changed_at::date) < 35 then '25-34'
        when datesub('year', latest.birth_date, latest.changed_at::date) < 45 then '35-44'
        when datesub('year', latest.birth_date, latest.changed_at::date) < 55 then '45-54'
        when datesub('year', latest.birth_date, latest.changed_at::date) < 65 then '55-64'
        else '65+'
    end as age_band,
    latest.income_band,
    'Not given' as household_size_band,
    'Not given' as household_composition,
    'Not given' as children_band,
    'Not given' as home_ownership,
    'Not given' as marital_status,
    acquisition.first.on as acquisition_date,
    strftime(acquisition.first.on, '%Y-%m') as acquisition_month,
    coalesce(dim_channel.channel, 'Not given') as acquisition_channel,
    acquisition.first.product as first_product_id,
    latest.is_test,
    latest.is_employee,
    false as is_inferred,
    versions.valid_from,
    versions.valid_to,
    versions.valid_to = timestamp '9999-12-31' as is_current,
    'example_crm' as source_system,
    versions.party_id as source_record_id,
    latest._loaded_at as loaded_at,
    latest._batch_id as batch_id
from versions
inner join latest using (customer_id)
inner join current_version using (customer_id)
left join acquisition using (customer_id)
left join dim_channel on acquisition.first.channel = dim_channel.channel_code
union all by name
select
    key_of(customer_id, timestamp '1900-01-01') as customer_key,
    customer_id,
    timestamp '1900-01-01' as valid_from,
    timestamp '9999-12-31' as valid_to
from inferred
union all by name
select
    key as customer_key,
    id as customer_id,
    timestamp '1900-01-01' as valid_from,
    timestamp '9999-12-31' as valid_to
from special;

create table dim_product as
with saves as (
    select
        'example:' || product_id as member_id,
        *,
        row(department, class, subclass, manufacturer, brand, brand_type, price_band,
            lifecycle) as kept
    from '{home}/raw/example_shop/products/*/*.parquet'
),
compared as (
    select *, lag(kept) over saved as kept_before, row_number() over saved as number
    from saves
    window saved as (partition by member_id order by changed_at)
),
versions as (
    select
        *,
        lead(valid_from, 1, timestamp '9999-12-31') over (
            partition by member_id order by valid_from
        ) as valid_to
    from (
        select
            *,
            case when number = 1 then timestamp '1900-01-01' else changed_at end
                as valid_from
        from compared
        where number = 1 or kept is distinct from kept_before
    )
),
current_version as (
    select * from versions where valid_to = timestamp '9999-12-31'
)
select
    key_of(versions.member_id, versions.valid_from) as product_key,
    versions.member_id as product_id,
    versions.product_id as source_product_id,
    'product' as member_type,
    versions.product_name,
    versions.department,
    current_version.department as current_department,
    versions.class as product_class,
    current_version.class as current_product_class,
    versions.subclass as product_subclass,
    current_version.subclass as current_product_subclass,
    versions.manufacturer,
    current_version.manufacturer as current_manufacturer,
    versions.brand,
    current_version.brand as current_brand,
    versions.brand_type,
    current_version.brand_type as current_brand_type,
    versions.price_band,
    current_version.price_band as current_price_band,
    versions.lifecycle,
    current_version.lifecycle as current_lifecycle,
    'Not given' as package_size,
    'piece' as unit_of_measure,
    versions.substitute_group,
    versions.standard_cost,
    true as is_merchandise,
    false as is_inferred,
    versions.valid_from,
    versions.valid_to,
    versions.valid_to = timestamp '9999-12-31' as is_current,
    'example_shop' as source_system,
    versions.product_id as source_record_id,
    versions._loaded_at as loaded_at,
    versions._batch_id as batch_id
from versions
inner join current_version using (member_id)
union all by name
select
    key as product_key,
    id as product_id,
    timestamp '1900-01-01' as valid_from,
    timestamp '9999-12-31' as valid_to
from special;

create table dim_store as
select
    key_of('example:' || store_id, timestamp '1900-01-01') as store_key,
    'example:' || store_id as store_id
from '{home}/raw/example_shop/stores/*/*.parquet';

create table fct_sales_line as
with lines as (
    select
        *,
        order_id || '|' || line_number as source_record_id,
        'example:' || party_id as named_customer_id,
        'example:' || product_id as named_product_id,
        'example:' || store_id as named_store_id,
        ordered_at at time zone 'UTC' at time zone 'Europe/Lisbon' as ordered_at_local
    from '{home}/raw/example_shop/order_lines/*/*.parquet'
)
select
    key_of('example_shop', lines.source_record_id) as sales_line_key,
    key_of_one('example:' || order_id) as order_key,
    ordered_at_local::date as date_key,
    (hour(ordered_at_local) * 60 + minute(ordered_at_local))::smallint as time_key,
    coalesce(dim_customer.customer_key, -2) as customer_key,
    coalesce(named_customer_id, 'anonymous') as customer_id,
    dim_product.product_key,
    named_product_id as product_id,
    coalesce(dim_store.store_key, -3) as store_key,
    coalesce(named_store_id, 'not_applicable') as store_id,
    dim_channel.channel_key,
    -3::bigint as offer_key,
    -3::bigint as employee_key,
    'not_applicable' as employee_id,
    coalesce(dim_reason.reason_key, -3) as return_reason_key,
    'example:' || order_id as order_id,
    'example:' || original_order_id as original_order_id,
    line_type,
    line_type = 'return' as is_return,
    'none' as data_issue,
    ordered_at,
    quantity::decimal(18, 3) as quantity,
    'piece' as unit_of_measure,
    quantity::decimal(18, 3) as piece_quantity,
    'EUR' as currency_code,
    unit_price::decimal(18, 4) as unit_price,
    gross_amount::decimal(18, 2) as gross_amount,
    discount_amount::decimal(18, 2) as discount_amount,
    net_amount::decimal(18, 2) as net_amount,
    0::decimal(18, 2) as reimbursed_amount,
    tax_amount::decimal(18, 2) as tax_amount,
    cost_amount::decimal(18, 2) as cost_amount,
    (net_amount - tax_amount - cost_amount)::decimal(18, 2) as margin_amount,
    'example_shop' as source_system,
    lines.source_record_id,
    lines._loaded_at as loaded_at,
    lines._batch_id as batch_id
from lines
left join dim_customer
    on named_customer_id = dim_customer.customer_id
    and ordered_at >= dim_customer.valid_from
    and ordered_at < dim_customer.valid_to
inner join dim_product
    on named_product_id = dim_product.product_id
    and ordered_at >= dim_product.valid_from
    and ordered_at < dim_product.valid_to
left join dim_store on named_store_id = dim_store.store_id
inner join dim_channel using (channel_code)
left join dim_reason on 'example:' || lines.return_reason_code = dim_reason.reason_id
order by date_key;

create table fct_customer_month as
with monthly as (
    select
        customer_id,
        date_trunc('month', date_key)::date as month_start,
        count(distinct order_id) filter (line_type = 'sale') as order_count,
        count(*) as line_count,
        sum(gross_amount) as gross_amount,
        sum(net_amount) as net_amount,
        sum(net_amount) filter (is_return) as return_amount,
        sum(margin_amount) as margin_amount,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id
    from fct_sales_line
    where customer_key > 0
    group by all
),
lives as (
    select customer_id, min(month_start) as first_month from monthly group by all
),
today as (
    select max(date_key) as as_of from fct_sales_line
),
filled as (
    select
        m.customer_id, m.first_month, m.month_start, m.as_of,
        coalesce(order_count, 0) as order_count,
        coalesce(line_count, 0) as line_count,
        coalesce(gross_amount, 0) as gross_amount,
        coalesce(net_amount, 0) as net_amount,
        coalesce(return_amount, 0) as return_amount,
        coalesce(margin_amount, 0) as margin_amount,
        loaded_at,
        batch_id
    from (
        select
            customer_id, first_month, as_of,
            unnest(generate_series(
                first_month::timestamp, date_trunc('month', as_of)::timestamp,
                interval 1 month
            ))::date as month_start
        from lives cross join today
    ) as m
    left join monthly using (customer_id, month_start)
),
lived as (
    select
        *,
        max(case when order_count > 0 then month_start end) over so_far as active,
        max(case when order_count > 0 then month_start end) over before
            as active_before,
        max(loaded_at) over so_far as newest_loaded_at,
        max(batch_id) over so_far as newest_batch_id,
        sum(net_amount) over (
            partition by customer_id order by month_start
            rows between 11 preceding and current row
        ) as net_12_months
    from filled
    window
        so_far as (
            partition by customer_id order by month_start
            rows between unbounded preceding and current row
        ),
        before as (
            partition by customer_id order by month_start
            rows between unbounded preceding and 1 preceding
        )
),
moved as (
    select
        *,
        coalesce(datediff('month', active, month_start) < 3, false) as closes,
        coalesce(datediff('month', active_before, month_start) < 4, false) as opens
    from lived
)
select
    key_of(moved.customer_id, month_start) as customer_month_key,
    last_day(month_start) as date_key,
    customer_key,
    moved.customer_id,
    month_start,
    last_day(month_start) <= as_of as is_complete_month,
    datediff('month', first_month, month_start)::integer as month_number,
    order_count::integer as order_count,
    line_count::integer as line_count,
    'EUR' as currency_code,
    gross_amount::decimal(18, 2) as gross_amount,
    net_amount::decimal(18, 2) as net_amount,
    return_amount::decimal(18, 2) as return_amount,
    margin_amount::decimal(18, 2) as margin_amount,
    0 as contact_count,
    0 as response_count,
    net_12_months::decimal(18, 2) as trailing_12_month_net_amount,
    opens::integer as opening_count,
    (closes and active_before is null)::integer as new_count,
    (closes and not opens and active_before is not null)::integer
        as reactivated_count,
    (opens and not closes)::integer as lapsed_count,
    closes::integer as closing_count,
    'example_shop' as source_system,
    moved.customer_id || '|' || month_start as source_record_id,
    newest_loaded_at as loaded_at,
    newest_batch_id as batch_id
from moved
inner join dim_customer
    on moved.customer_id = dim_customer.customer_id
    and last_day(month_start) >= dim_customer.valid_from
    and last_day(month_start) < dim_customer.valid_to
order by date_key
