{#  The dimension has each special member, under its key and its id, and no other
    row with a negative key. `members` names those it must have; all by default.  #}
{% test has_special_members(model, key_column, id_column, members=none) %}

{%- set wanted = members or special_member_list() | map(attribute='id') | list %}

with

expected as (

    select
        member_key,
        member_id

    from {{ special_members() }}

    where member_id in ('{{ wanted | join("', '") }}')

),

found as (

    select
        {{ key_column }}::bigint as member_key,
        {{ id_column }} as member_id

    from {{ model }}

    where {{ key_column }} < 0

),

final as (

    select
        expected.member_key as expected_key,
        expected.member_id as expected_id,
        found.member_key as found_key,
        found.member_id as found_id

    from expected

    full join found
        on
            expected.member_key = found.member_key
            and expected.member_id = found.member_id

    where expected.member_key is null or found.member_key is null

)

select * from final

{% endtest %}
