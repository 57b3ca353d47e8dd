{#  Grain: one row a customer, scheme and period in which segment and version of the
    definitions stayed the same, by month's ends.  #}

with

changes as (

    select * from {{ ref('int_standing_change') }}

),

spans as (

    select
        *,
        lead(valid_from, 1, {{ open_end_date() }}) over (
            partition by customer_id, scheme order by valid_from
        ) as valid_to

    from changes

),

final as (

    select
        {{ surrogate_key(['customer_id', 'scheme', 'valid_from']) }}
            as segment_span_key,
        id_space,
        customer_id,
        scheme,
        label as segment,
        definition_version,
        valid_from,
        valid_to,
        valid_from as recorded_on,
        valid_to = {{ open_end_date() }} as is_current

    from spans

    where label is not null

)

select * from final
