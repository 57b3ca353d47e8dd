{#  Type 2: role, team, unit, store. Type 1: days of employment. current_* shows the
    last version beside each (type 6). Employees are pseudonyms: no name is here.  #}

{% set type_2 = ['employee_role', 'team', 'unit'] %}

with

members as (

    select * from {{ dimension_members(
        'employee',
        described_by='employees',
        type_1=['hired_on', 'left_on'],
        type_2=type_2,
        type_2_values=['source_store_id'],
    ) }}

),

final as (

    select
        employee_key,
        employee_id,
        source_employee_id,
        member_type,

        {% for attribute in type_2 -%}
        {{ attribute }},
        current_{{ attribute }},
        {% endfor -%}
        {% for version in ['', 'current_'] -%}
        case
            when member_type = 'special' then employee_id
            when is_inferred then 'unknown'
            else coalesce(
                {{ durable_id(version ~ 'source_store_id') }}, 'not_applicable'
            )
        end as {{ version }}store_id,
        {% endfor -%}
        hired_on,
        left_on,

        is_inferred,
        valid_from,
        valid_to,
        is_current,
        recorded_at,

        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
