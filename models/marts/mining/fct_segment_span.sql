{#  Grain: one row a customer, scheme and period in which segment and version of the
    definitions stayed the same, by month's ends.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

schemes as (

    select * exclude (lifecycle_stage, value_tier)

    from (
        {% for scheme in ['lifecycle_stage', 'value_tier'] -%}
        select
            *,
            '{{ scheme }}' as scheme,
            {{ scheme }} as segment

        from stages

        where is_in_force
        {{ 'union all' if not loop.last }}
        {% endfor -%}
    ) as told

),

changes as (

    select
        id_space,
        customer_id,
        scheme,
        segment,
        definition_version,
        cutoff_date as valid_from

    from schemes

    qualify
        (segment, definition_version) is distinct from lag(
            (segment, definition_version)
        ) over (partition by customer_id, scheme order by cutoff_date)

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
        segment,
        definition_version,
        valid_from,
        valid_to,
        valid_from as recorded_on,
        valid_to = {{ open_end_date() }} as is_current

    from spans

    where segment is not null

)

select * from final
