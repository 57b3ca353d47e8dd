{#  Grain: one row a customer, household and period in which neither the household's
    members nor the customer's households changed, [valid_from, valid_to) in business
    days. Who is in no household is in not_applicable, so that on every day every
    customer of dim_customer is there.

    weight_of_customer adds up to 1 a customer on any day: it rolls facts of customers
    up to households without counting anything twice. weight_in_household adds up to 1
    a household on any day: it splits what a household got among its members. Both to
    the last digit: what does not divide goes to the first by id.

    A row says something of all who share: recorded_at is of the newest of their stays
    that are in force, or end, where the period begins.  #}

{% set units = 100000000 %}

with

stays as (

    select * from {{ ref('int_household_stays') }}

),

households as (

    select * from {{ ref('dim_household') }}

),

customers as (

    select
        customer_id,
        min(source_system) as source_system,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from {{ ref('dim_customer') }}

    group by customer_id

),

household_cuts as (

    select
        household_id,
        valid_from as cut_on

    from stays

    union

    select
        household_id,
        valid_to as cut_on

    from stays

),

customer_cuts as (

    select
        customer_id,
        valid_from as cut_on

    from stays

    union

    select
        customer_id,
        valid_to as cut_on

    from stays

),

cuts as (

    select
        stays.household_id,
        stays.customer_id,
        stays.valid_from as stay_from,
        household_cuts.cut_on

    from stays

    inner join household_cuts
        on
            stays.household_id = household_cuts.household_id
            and stays.valid_from <= household_cuts.cut_on
            and stays.valid_to > household_cuts.cut_on

    union

    select
        stays.household_id,
        stays.customer_id,
        stays.valid_from as stay_from,
        customer_cuts.cut_on

    from stays

    inner join customer_cuts
        on
            stays.customer_id = customer_cuts.customer_id
            and stays.valid_from <= customer_cuts.cut_on
            and stays.valid_to > customer_cuts.cut_on

),

periods as (

    select
        stays.household_id,
        stays.customer_id,
        stays.household_role,
        cuts.cut_on as valid_from,
        lead(cuts.cut_on, 1, stays.valid_to) over (
            partition by stays.household_id, stays.customer_id, stays.valid_from
            order by cuts.cut_on
        ) as valid_to,
        stays.source_system,
        stays.source_record_id,
        stays.loaded_at,
        stays.batch_id

    from stays

    inner join cuts
        on
            stays.household_id = cuts.household_id
            and stays.customer_id = cuts.customer_id
            and stays.valid_from = cuts.stay_from

),

members_of_household as (

    select
        periods.household_id,
        periods.customer_id,
        periods.valid_from,
        count(*) as sharers,
        count(*) filter (stays.customer_id < periods.customer_id) as rank_from_0

    from periods

    inner join stays
        on
            periods.household_id = stays.household_id
            and periods.valid_from >= stays.valid_from
            and periods.valid_from < stays.valid_to

    group by periods.household_id, periods.customer_id, periods.valid_from

),

households_of_customer as (

    select
        periods.household_id,
        periods.customer_id,
        periods.valid_from,
        count(*) as sharers,
        count(*) filter (stays.household_id < periods.household_id) as rank_from_0

    from periods

    inner join stays
        on
            periods.customer_id = stays.customer_id
            and periods.valid_from >= stays.valid_from
            and periods.valid_from < stays.valid_to

    group by periods.household_id, periods.customer_id, periods.valid_from

),

weights_in_household as (

    select
        household_id,
        customer_id,
        valid_from,
        (
            ({{ units }} // sharers + (rank_from_0 < {{ units }} % sharers)::bigint)
            * 0.00000001
        )::decimal(9, 8) as weight

    from members_of_household

),

weights_of_customer as (

    select
        household_id,
        customer_id,
        valid_from,
        (
            ({{ units }} // sharers + (rank_from_0 < {{ units }} % sharers)::bigint)
            * 0.00000001
        )::decimal(9, 8) as weight

    from households_of_customer

),

shared as (

    {% for shared_by in ['household_id', 'customer_id'] -%}
    select
        periods.household_id,
        periods.customer_id,
        periods.valid_from,
        stays.loaded_at

    from periods

    inner join stays
        on
            periods.{{ shared_by }} = stays.{{ shared_by }}
            and periods.valid_from >= stays.valid_from
            and periods.valid_from <= stays.valid_to
    {% if not loop.last %}
    union all

    {% endif -%}
    {% endfor %}
),

recorded as (

    select
        household_id,
        customer_id,
        valid_from,
        max(loaded_at) as recorded_at

    from shared

    group by household_id, customer_id, valid_from

),

reach as (

    select
        customer_id,
        valid_from,
        coalesce(
            max(valid_to) over (
                partition by customer_id
                order by valid_from
                rows between unbounded preceding and 1 preceding
            ),
            {{ unknown_date() }}
        ) as covered_to

    from stays

),

alone as (

    select
        customer_id,
        covered_to as valid_from,
        valid_from as valid_to

    from reach

    where valid_from > covered_to

    union all

    select
        customers.customer_id,
        coalesce(max(stays.valid_to), {{ unknown_date() }}) as valid_from,
        {{ open_end_date() }} as valid_to

    from customers

    left join stays
        on customers.customer_id = stays.customer_id

    group by customers.customer_id

    having coalesce(max(stays.valid_to), {{ unknown_date() }}) < {{ open_end_date() }}

),

alone_recorded as (

    select
        alone.customer_id,
        alone.valid_from,
        max(stays.loaded_at) as recorded_at

    from alone

    inner join stays
        on
            alone.customer_id = stays.customer_id
            and alone.valid_from = stays.valid_to

    group by alone.customer_id, alone.valid_from

),

final as (

    select
        households.household_key,
        periods.household_id,
        periods.customer_id,
        periods.household_role,
        weights_of_customer.weight as weight_of_customer,
        weights_in_household.weight as weight_in_household,
        periods.valid_from,
        periods.valid_to,
        periods.valid_to = {{ open_end_date() }} as is_current,
        recorded.recorded_at,
        periods.source_system,
        periods.source_record_id,
        periods.loaded_at,
        periods.batch_id

    from periods

    inner join weights_in_household
        on
            periods.household_id = weights_in_household.household_id
            and periods.customer_id = weights_in_household.customer_id
            and periods.valid_from = weights_in_household.valid_from

    inner join weights_of_customer
        on
            periods.household_id = weights_of_customer.household_id
            and periods.customer_id = weights_of_customer.customer_id
            and periods.valid_from = weights_of_customer.valid_from

    inner join recorded
        on
            periods.household_id = recorded.household_id
            and periods.customer_id = recorded.customer_id
            and periods.valid_from = recorded.valid_from

    inner join households
        on {{ as_was(
            'households', 'household_id', of='periods.household_id', at='periods.valid_from'
        ) }}

    union all

    select
        {{ special_key('not_applicable') }}::bigint as household_key,
        'not_applicable' as household_id,
        alone.customer_id,
        'none' as household_role,
        1::decimal(9, 8) as weight_of_customer,
        null as weight_in_household,
        alone.valid_from,
        alone.valid_to,
        alone.valid_to = {{ open_end_date() }} as is_current,
        coalesce(alone_recorded.recorded_at, customers.loaded_at) as recorded_at,
        customers.source_system,
        null as source_record_id,
        customers.loaded_at,
        customers.batch_id

    from alone

    inner join customers
        on alone.customer_id = customers.customer_id

    left join alone_recorded
        on
            alone.customer_id = alone_recorded.customer_id
            and alone.valid_from = alone_recorded.valid_from

)

select * from final
