{#  An order as each of its milestones left it; the one changed last counts.  #}

with

source as (

    select * from {{ source('example_shop', 'orders') }}

),

final as (

    select
        -- ids
        order_id as source_record_id,
        order_id as source_order_id,
        party_id as source_customer_id,
        'anonymous' as customer_absence,
        store_id as source_store_id,
        'not_applicable' as store_absence,
        employee_id as source_employee_id,
        abnormal_reason_code as source_reason_id,

        -- time
        {{ to_utc('changed_at', 'example_shop') }} as changed_at,
        {{ to_utc('ordered_at', 'example_shop') }} as ordered_at,
        {{ business_time('ordered_at', 'example_shop') }} as ordered_at_local,
        promised_on,
        {% for milestone in [
            'paid', 'picked', 'shipped', 'delivered', 'cancelled', 'returned',
        ] -%}
        {{ to_utc(milestone ~ '_at', 'example_shop') }} as {{ milestone }}_at,
        ({{ business_time(milestone ~ '_at', 'example_shop') }})::date
            as {{ milestone }}_on,
        {% endfor %}
        -- kinds
        channel_code,
        payment_method,
        is_gift,

        -- measures
        'EUR' as currency_code,
        shipping_cost_amount,
        payment_cost_amount,

        {{ record_columns() }}

    from source

)

select * from final
