{#  What the tills, the mailing list and the redemptions add up to by day.  #}

with

final as (

    select * from {{ source_totals(
        system='complete_journey',
        table='transactions',
        fact='fct_sales_line',
        business_date='('
            ~ business_time('transaction_timestamp', 'complete_journey') ~ ')::date',
        measures={
            'sales lines': '1',
            'quantity': 'quantity',
            'gross amount': 'sales_value + retail_disc + coupon_match_disc',
            'net amount': 'sales_value - coupon_disc',
            'reimbursed amount': 'coupon_disc',
        },
        key=['basket_id', 'product_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='complete_journey',
        table='campaigns',
        fact='fct_contact',
        business_date="date '1900-01-01'",
        measures={'contacts': '1'},
        key=['campaign_id', 'household_id'],
    ) }}

    union all

    select * from {{ source_totals(
        system='complete_journey',
        table='coupon_redemptions',
        fact='fct_response',
        business_date='redemption_date::date',
        measures={'responses': '1'},
        key=['household_id', 'coupon_upc', 'campaign_id', 'redemption_date'],
    ) }}

)

select * from final
