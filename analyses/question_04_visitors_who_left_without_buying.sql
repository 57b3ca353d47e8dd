{#  04: how many of those who came into each store left without buying, by hour of the
    day?

    Only sensors that see the street count who comes in; zones behind them count the same
    people again. They are told by counting passers-by. Entries and orders are added up
    each on its own by store, day and hour, then joined.

    An hour that was not counted, or has more orders than entries (a door whose counter
    died), says nothing of who left: its orders are in orders, and not in
    orders_while_counted.  #}

with

store_traffic as (

    select * from {{ ref('fct_store_traffic') }}

),

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

stores as (

    select * from {{ ref('dim_store') }}

),

times as (

    select * from {{ ref('dim_time_of_day') }}

),

entries_by_hour as (

    select
        store_traffic.store_id,
        store_traffic.date_key,
        times.hour_of_day,
        sum(store_traffic.entry_count) as entries

    from store_traffic

    inner join times
        on store_traffic.time_key = times.time_key

    where store_traffic.passer_by_count is not null

    group by store_traffic.store_id, store_traffic.date_key, times.hour_of_day

),

counted_stores as (

    select distinct store_id from entries_by_hour

),

orders_by_hour as (

    select
        sales_lines.store_id,
        sales_lines.date_key,
        times.hour_of_day,
        count(distinct sales_lines.order_id) as orders

    from sales_lines

    inner join counted_stores
        on sales_lines.store_id = counted_stores.store_id

    inner join times
        on sales_lines.time_key = times.time_key

    where sales_lines.line_type = 'sale'

    group by sales_lines.store_id, sales_lines.date_key, times.hour_of_day

),

hours as (

    select
        store_id,
        hour_of_day,
        coalesce(entries_by_hour.entries, 0) as entries,
        coalesce(orders_by_hour.orders, 0) as orders,
        entries_by_hour.entries is not null
        and entries_by_hour.entries >= coalesce(orders_by_hour.orders, 0)
            as is_counted

    from entries_by_hour

    full join orders_by_hour
        using (store_id, date_key, hour_of_day)

),

by_store_and_hour as (

    select
        store_id,
        hour_of_day,
        sum(orders) as orders,
        count(*) filter (not is_counted) as hours_not_counted,
        sum(entries) filter (is_counted) as entries_while_counted,
        sum(orders) filter (is_counted) as orders_while_counted

    from hours

    group by store_id, hour_of_day

),

final as (

    select
        stores.source_system,
        stores.store_name,
        by_store_and_hour.hour_of_day,
        by_store_and_hour.orders,
        by_store_and_hour.hours_not_counted,
        by_store_and_hour.entries_while_counted,
        by_store_and_hour.orders_while_counted,
        by_store_and_hour.entries_while_counted
        - by_store_and_hour.orders_while_counted as left_without_buying,
        round(
            by_store_and_hour.orders_while_counted
            / nullif(by_store_and_hour.entries_while_counted, 0),
            4
        ) as conversion

    from by_store_and_hour

    inner join stores
        on
            by_store_and_hour.store_id = stores.store_id
            and stores.is_current

)

select * from final

order by source_system, store_name, hour_of_day
