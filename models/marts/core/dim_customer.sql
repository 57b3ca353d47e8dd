{#  Type 2: customer_type, country, region, city, language, loyalty_tier. Type 1:
    demographics and flags. Type 0: how the customer came. current_* shows the last
    version beside each (type 6), so that as was and as is need no second join.  #}

{% set type_2 = [
    'customer_type', 'country', 'region', 'city', 'language', 'loyalty_tier',
] %}
{% set demographics = [
    'age_band', 'income_band', 'household_size_band', 'household_composition',
    'children_band', 'home_ownership', 'marital_status',
] %}

{{ config(
    materialized='incremental',
    unique_key='customer_id',
    meta={'reads_all_batches': true},
) }}

with

acquisition as (

    select * from {{ ref('int_customer_acquisition') }}

),

{% if is_incremental() -%}
-- of whom a batch since the last build says something
touched as (

    select {{ durable_id('source_customer_id') }} as customer_id

    from {{ ref('int_customers') }}

    where loaded_at > {{ loaded_through() }}

    union

    select member_id as customer_id

    from {{ ref('int_named_members') }}

    where member = 'customer' and loaded_at > {{ loaded_through() }}

    union

    select customer_id

    from acquisition

    where refreshed_through > {{ loaded_through() }}

),

{% endif -%}
members as (

    select * from {{ dimension_members(
        'customer',
        described_by='customers',
        type_1=demographics + ['is_test', 'is_employee'],
        type_2=type_2,
        only='touched' if is_incremental() else none,
    ) }}

),

channels as (

    select * from {{ ref('channel') }}

),

final as (

    select
        members.customer_key,
        members.customer_id,
        members.source_customer_id,
        members.member_type,

        {% for attribute in type_2 -%}
        members.{{ attribute }},
        members.current_{{ attribute }},
        {% endfor -%}
        {% for attribute in demographics -%}
        coalesce(members.{{ attribute }}, members.missing) as {{ attribute }},
        {% endfor %}
        acquisition.acquisition_date,
        strftime(acquisition.acquisition_date, '%Y-%m') as acquisition_month,
        coalesce(channels.channel, members.missing) as acquisition_channel,
        acquisition.first_product_id,

        coalesce(members.is_test, false) as is_test,
        coalesce(members.is_employee, false) as is_employee,
        members.is_inferred,
        members.valid_from,
        members.valid_to,
        members.is_current,
        members.recorded_at,

        members.source_system,
        members.source_record_id,
        members.loaded_at,
        members.batch_id

    from members

    left join acquisition
        on members.customer_id = acquisition.customer_id

    left join channels
        on acquisition.acquisition_channel_code = channels.channel_code

)

select * from final
