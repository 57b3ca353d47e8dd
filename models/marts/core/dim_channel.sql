{#  Grain: one channel, and one row a special member. Type 1: the seed as it is.  #}

with

channels as (

    select * from {{ ref('channel') }}

),

final as (

    select
        {{ surrogate_key(['channel_code']) }}::bigint as channel_key,
        'channel'::varchar as member_type,
        channel_code::varchar as channel_code,
        channel_group::varchar as channel_group,
        channel::varchar as channel,
        sub_channel::varchar as sub_channel,
        direction::varchar as direction,
        is_assisted::boolean as is_assisted

    from channels

    union all

    select
        member_key::bigint as channel_key,
        'special'::varchar as member_type,
        member_id::varchar as channel_code,
        member_label::varchar as channel_group,
        member_label::varchar as channel,
        member_label::varchar as sub_channel,
        member_label::varchar as direction,
        false::boolean as is_assisted

    from {{ special_members() }}

)

select * from final
