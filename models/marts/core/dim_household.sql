{#  Type 2: how many live in the household, and as what; rebuilt from the stays of its
    members. current_* shows the last version beside each (type 6). Ranges are business
    days, half-open, so that a fact meets its version by date_key.  #}

{% set counts = ['member_count', 'adult_count', 'child_count'] %}
{% set texts = ['household_size_band', 'household_composition'] %}

with

stays as (

    select * from {{ ref('int_household_stays') }}

),

moves as (

    select
        household_id,
        valid_from as moved_on,
        1 as member_change,
        (household_role <> 'child')::integer as adult_change,
        (household_role = 'child')::integer as child_change,
        (household_role = 'partner')::integer as partner_change,
        loaded_at

    from stays

    union all

    select
        household_id,
        valid_to as moved_on,
        -1 as member_change,
        -(household_role <> 'child')::integer as adult_change,
        -(household_role = 'child')::integer as child_change,
        -(household_role = 'partner')::integer as partner_change,
        loaded_at

    from stays

    where valid_to < {{ open_end_date() }}

),

daily as (

    select
        household_id,
        moved_on,
        sum(member_change) as member_change,
        sum(adult_change) as adult_change,
        sum(child_change) as child_change,
        sum(partner_change) as partner_change,
        max(loaded_at) as loaded_at

    from moves

    group by household_id, moved_on

),

counted as (

    select
        household_id,
        moved_on,
        loaded_at,
        (sum(member_change) over life)::integer as member_count,
        (sum(adult_change) over life)::integer as adult_count,
        (sum(child_change) over life)::integer as child_count,
        (sum(partner_change) over life)::integer as partner_count

    from daily

    window life as (partition by household_id order by moved_on)

),

described as (

    select
        *,
        case
            when member_count >= 5 then '5+'
            else member_count::varchar
        end as household_size_band,
        case
            when member_count = 0 then 'Nobody'
            when child_count > 0 and adult_count > 1 then 'Adults with children'
            when child_count > 0 and adult_count = 1 then 'One adult with children'
            when child_count > 0 then 'Children'
            when member_count = 1 then 'One adult'
            when member_count = 2 and partner_count = 1 then 'Couple'
            else 'Several adults'
        end as household_composition

    from counted

),

compared as (

    select
        *,
        lag(row(adult_count, child_count, household_composition)) over life
            as previous_attributes,
        row_number() over life as move_number

    from described

    window life as (partition by household_id order by moved_on)

),

numbered as (

    select
        *,
        sum(
            (
                move_number = 1
                or row(adult_count, child_count, household_composition)
                is distinct from previous_attributes
            )::integer
        ) over (partition by household_id order by moved_on) as version_number

    from compared

),

changes as (

    select
        *,
        case when move_number = 1 then {{ unknown_date() }} else moved_on end
            as valid_from,
        max(loaded_at) over version as recorded_at

    from numbered

    window version as (partition by household_id, version_number)

    qualify row_number() over (version order by moved_on) = 1

),

versions as (

    select
        *,
        lead(valid_from, 1, {{ open_end_date() }}) over (
            partition by household_id order by valid_from
        ) as valid_to

    from changes

),

current_versions as (

    select * from versions

    where valid_to = {{ open_end_date() }}

),

members as (

    select
        household_id,
        any_value(source_household_id) as source_household_id,
        min(source_system) as source_system,
        max(loaded_at) as loaded_at,
        max(batch_id) as batch_id

    from stays

    group by household_id

),

final as (

    select
        {{ surrogate_key(['versions.household_id', 'versions.valid_from']) }}
            as household_key,
        versions.household_id,
        members.source_household_id,
        'household' as member_type,
        {% for attribute in texts + counts -%}
        versions.{{ attribute }},
        current_versions.{{ attribute }} as current_{{ attribute }},
        {% endfor -%}
        versions.valid_from,
        versions.valid_to,
        versions.valid_to = {{ open_end_date() }} as is_current,
        versions.recorded_at,
        members.source_system,
        members.source_household_id as source_record_id,
        members.loaded_at,
        members.batch_id

    from versions

    inner join members
        on versions.household_id = members.household_id

    inner join current_versions
        on versions.household_id = current_versions.household_id

    union all by name

    select
        member_key as household_key,
        member_id as household_id,
        'special' as member_type,
        {% for attribute in texts -%}
        member_label as {{ attribute }},
        member_label as current_{{ attribute }},
        {% endfor -%}
        {{ unknown_date() }} as valid_from,
        {{ open_end_date() }} as valid_to,
        true as is_current,
        'none' as source_system

    from {{ special_members() }}

)

select * from final
