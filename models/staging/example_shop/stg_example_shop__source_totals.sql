{#  What tills, orders, plans and stock-outs add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='example_shop',
        table='order_lines',
        fact='fct_sales_line',
        business_date='(' ~ business_time('ordered_at', 'example_shop') ~ ')::date',
        measures={
            'sales lines': '1',
            'quantity': 'quantity',
            'gross amount': 'gross_amount',
            'net amount': 'net_amount',
            'tax amount': 'tax_amount',
            'cost amount': 'coalesce(cost_amount, 0)',
        },
        key=['order_id', 'line_number'],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_shop',
        table='orders',
        fact='fct_order_lifecycle',
        business_date='(' ~ business_time('ordered_at', 'example_shop') ~ ')::date',
        measures={
            'orders': '1',
            'shipping cost amount': 'shipping_cost_amount',
            'payment cost amount': 'payment_cost_amount',
        },
        key=['order_id'],
        newest_by='changed_at',
    ) }}

    union all

    select * from {{ source_totals(
        system='example_shop',
        table='targets',
        fact='fct_target',
        business_date='month_start',
        measures={'targets': '1', 'target net amount': 'target_net_amount'},
        key=[
            'plan_version', 'month_start', 'region', 'department', 'loyalty_tier',
        ],
    ) }}

    union all

    select * from {{ source_totals(
        system='example_shop',
        table='stock_outs',
        fact='fct_stock_out',
        business_date='(' ~ business_time('out_from', 'example_shop') ~ ')::date',
        measures={'stock outs': '1'},
        key=['product_id', 'store_id', 'out_from'],
    ) }}

)

select * from final
