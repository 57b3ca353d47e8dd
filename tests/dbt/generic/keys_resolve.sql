{#  Inner joins on the keys lose no row: every value is in the table that it points to.
    All keys of a table in one test: each test costs a night its own start.

    Arguments:
        keys: a list of {key: a column, to: ref('a table'), of: the column there, where
            it has another name}  #}
{% test keys_resolve(model, keys) %}

with

facts as not materialized (

    select * from {{ model }}

    where {{ untested(model) }}

),

{% for each in keys %}
lost_{{ each.key }} as (

    select
        '{{ each.key }}' as key_name,
        facts.{{ each.key }}::varchar as key_value,
        count(*) as rows_lost

    from facts

    anti join {{ each.to }} as others
        on facts.{{ each.key }} = others.{{ each.of or each.key }}

    group by facts.{{ each.key }}

),

{% endfor %}

final as (

    {% for each in keys %}
    select * from lost_{{ each.key }}
    {{ 'union all' if not loop.last }}
    {% endfor %}

)

select * from final

{% endtest %}
