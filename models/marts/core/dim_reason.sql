{#  Type 1: the last save of each code. One code list for why something was returned,
    lost, complained of or asked.  #}

with

members as (

    select * from {{ dimension_members(
        'reason',
        described_by='reasons',
        type_1=['reason_type', 'reason_name'],
    ) }}

),

final as (

    select
        reason_key,
        reason_id,
        coalesce(source_reason_id, reason_id) as reason_code,
        member_type,

        coalesce(reason_type, missing) as reason_type,
        coalesce(reason_name, source_reason_id, missing) as reason_name,

        is_inferred,

        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
