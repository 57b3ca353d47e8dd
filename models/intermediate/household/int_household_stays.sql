{#  Grain: one row a stay of a customer in a household, [valid_from, valid_to) in
    business days, no two of the same customer in the same household overlapping.

    A later stay cuts an earlier one that nobody ended; a stay that ends before it
    begins is none.  #}

with

household_members as (

    select * from {{ ref('int_household_members') }}

),

saved as (

    select
        *,
        {{ durable_id('source_household_id') }} as household_id,
        {{ durable_id('source_customer_id') }} as customer_id

    from household_members

    qualify
        row_number() over (
            partition by
                id_space,
                source_household_id,
                source_customer_id,
                valid_from
            order by changed_at desc nulls last, loaded_at desc, source_record_id desc
        ) = 1

),

followed as (

    select
        * replace (
            least(
                coalesce(valid_to, {{ open_end_date() }}),
                lead(valid_from, 1, {{ open_end_date() }}) over (
                    partition by household_id, customer_id order by valid_from
                )
            ) as valid_to
        )

    from saved

),

final as (

    select
        household_id,
        customer_id,
        id_space,
        source_household_id,
        coalesce(household_role, 'other') as household_role,
        valid_from,
        valid_to,
        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from followed

    where valid_from < valid_to

)

select * from final
