{#  What an aggregate with config.meta `differences` writes in a night: a relation of
    its groups in all units of time that changed, and a row for each of these units with
    nothing else, for `by_record`.

    grouped: groups of rows of the fact; its column `way` is 1 of rows that came and -1
    of those that went. Units that are done whole have all their rows there, the others
    what changed, which is put together with what they have. A group goes with its last
    row, and a sum with its last value. again: from units_to_redo.  #}
{% macro changed_groups(grouped, again) -%}
{%- set node = graph.nodes[model.unique_id] -%}
{%- set differences = node.config.meta.differences -%}
{%- set units = node.config.meta.units.columns.keys() | list -%}
{%- set keys = differences['keys'] -%}
{%- set numbers = differences.counts + (differences.sums.keys() | list) -%}
{%- set same = [] -%}
{%- for unit in units -%}
    {%- do same.append(
        'present.' ~ unit ~ ' is not distinct from units.' ~ unit
    ) -%}
{%- endfor -%}
(
    with

    changes as materialized (

        select
            {{ keys | join(', ') }},
            {%- for number in numbers %}
            coalesce(sum(way * {{ number }}), 0) as {{ number }},
            {%- endfor %}
            any_value(definition_hash) as definition_hash

        from {{ grouped }}

        group by {{ keys | join(', ') }}

    ),

    units as materialized (

        select
            {{ units | join(', ') }},
            true as is_whole

        from {{ again.units }}

        union all

        select distinct
            {{ units | join(', ') }},
            false as is_whole

        from changes as present

        where
            (
                {%- for number in numbers %}
                {{ number }} <> 0{{ ' or' if not loop.last }}
                {%- endfor %}
            )
            and not exists (
                select 1 from {{ again.units }} as units
                where {{ same | join(' and ') }}
            )

    ),

    summed as (

        select present.* from changes as present
        semi join units on {{ same | join(' and ') }}

        union all

        select
            {{ keys | join(', ') }},
            {%- for number in numbers %}
            coalesce({{ number }}, 0),
            {%- endfor %}
            definition_hash

        from {{ this }} as present
        semi join units on {{ same | join(' and ') }} and not is_whole

    ),

    groups as (

        select
            {{ keys | join(', ') }},
            {%- for number in numbers %}
            sum({{ number }}) as {{ number }},
            {%- endfor %}
            any_value(definition_hash) as definition_hash

        from summed

        group by {{ keys | join(', ') }}

        having sum({{ node.config.meta.redone.marker }}) <> 0

    )

    select
        {%- for name, column in node.columns.items() %}
        {%- if name in differences.sums %}
        (case when {{ differences.sums[name] }} > 0 then {{ name }} end)::
        {{- column.data_type }} as {{ name }}
        {%- elif name in differences.ones %}
        case when {{ differences.ones[name][1] }} > 0 then
            {{ differences.ones[name][0] }}
        end as {{ name }}
        {%- else %}
        {{ name }}::{{ column.data_type }} as {{ name }}
        {%- endif %}
        {{- ',' if not loop.last }}
        {%- endfor %}

    from groups

    union all by name

    select {{ units | join(', ') }} from units
)
{%- endmacro %}
