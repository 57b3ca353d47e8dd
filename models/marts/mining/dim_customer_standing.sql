{#  Grain: one row a customer and period in which stage, value tier, segment, tier of
    lifetime value and churn band stayed the same, by month's ends, so that cubes tell all
    of them both as they were and as they are.  #}

{%- set schemes = [
    'lifecycle_stage', 'value_tier', 'segment', 'clv_tier', 'churn_band',
] %}

with

changes as (

    select * from {{ ref('int_standing_change') }}

),

-- in a struct, since who has no label any more is told as much as who has one
days as (

    select
        customer_id,
        valid_from,
        {% for scheme in schemes -%}
        any_value(struct_pack(label := label)) filter (scheme = '{{ scheme }}')
            as {{ scheme }},
        {% endfor -%}
        any_value(id_space) as id_space

    from changes

    group by customer_id, valid_from

),

standings as (

    select
        customer_id,
        valid_from,
        {% for scheme in schemes -%}
        struct_extract(
            last_value({{ scheme }} ignore nulls) over day_by_day, 'label'
        ) as {{ scheme }},
        {% endfor -%}
        id_space

    from days

    window day_by_day as (partition by customer_id order by valid_from)

),

-- another version of the definitions alone is no other standing
changed as (

    select *

    from standings

    qualify
        ({{ schemes | join(', ') }}) is distinct from lag(
            ({{ schemes | join(', ') }})
        ) over (partition by customer_id order by valid_from)

),

spans as (

    select
        *,
        lead(valid_from, 1, {{ open_end_date() }}) over (
            partition by customer_id order by valid_from
        ) as valid_to

    from changed

),

final as (

    select
        {{ surrogate_key(['customer_id', 'valid_from']) }} as customer_standing_key,
        id_space,
        customer_id,
        valid_from,
        valid_to,
        valid_to = {{ open_end_date() }} as is_current,
        lifecycle_stage,
        value_tier,
        segment as segment_name,
        clv_tier,
        churn_band

    from spans

)

select * from final
