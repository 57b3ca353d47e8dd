{#  Grain: one row a customer and period in which stage and value tier stayed the same,
    by month's ends, so that cubes tell both as they were and as they are. What is told
    of the current month alone stands in the current row.  #}

with

stages as (

    select * from {{ ref('int_customer_stage') }}

),

customer_segments as (

    select * from {{ ref('customer_segment') }}

),

customer_values as (

    select * from {{ ref('customer_clv') }}

),

changes as (

    select
        id_space,
        customer_id,
        lifecycle_stage,
        value_tier,
        cutoff_date as valid_from

    from stages

    where is_in_force

    qualify
        (lifecycle_stage, value_tier) is distinct from lag(
            (lifecycle_stage, value_tier)
        ) over (partition by customer_id order by cutoff_date)

),

spans as (

    select
        *,
        lead(valid_from, 1, {{ open_end_date() }}) over (
            partition by customer_id order by valid_from
        ) as valid_to

    from changes

),

final as (

    select
        {{ surrogate_key(['spans.customer_id', 'spans.valid_from']) }}
            as customer_standing_key,
        spans.id_space,
        spans.customer_id,
        spans.valid_from,
        spans.valid_to,
        spans.valid_to = {{ open_end_date() }} as is_current,
        spans.lifecycle_stage,
        spans.value_tier,
        case
            when spans.valid_to = {{ open_end_date() }}
                then customer_segments.segment_name
        end as segment_name,
        case
            when spans.valid_to = {{ open_end_date() }} then customer_values.clv_tier
        end as clv_tier

    from spans

    left join customer_segments
        on spans.customer_id = customer_segments.customer_id

    left join customer_values
        on spans.customer_id = customer_values.customer_id

)

select * from final
