{#  Grain: one row an id space, currency, scheme, calendar quarter and move that
    somebody made in any of the quarters.  #}

with

moves as (

    select * from {{ ref('py_state_move') }}

),

newest as (

    select
        id_space,
        scheme,
        max(period_to) as period_to

    from moves

    group by id_space, scheme

),

final as (

    select
        moves.id_space::varchar as id_space,
        moves.currency_code::varchar as currency_code,
        moves.scheme::varchar as scheme,
        moves.period_from::date as period_from,
        moves.period_to::date as period_to,
        moves.period_to = newest.period_to as is_newest,
        moves.definition_version::varchar as definition_version,
        moves.state_from::varchar as state_from,
        moves.state_to::varchar as state_to,
        moves.customers::bigint as customers,
        {% for column in ['share', 'share_lo', 'share_hi', 'p_value'] -%}
        {{ finite('moves.' ~ column) }} as {{ column }},
        {% endfor -%}
        moves.value_from::decimal(18, 2) as value_from,
        moves.value_to::decimal(18, 2) as value_to,
        moves.expected_next::double as expected_next,
        moves.value_at_risk::double as value_at_risk

    from moves

    inner join newest
        on moves.id_space = newest.id_space and moves.scheme = newest.scheme

)

select * from final
