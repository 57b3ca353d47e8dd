{#  Grain: one minute of the day, and one row for an unknown time. Type 0.

    Dayparts, by local time of the shop; the bound belongs to the later one:
    night 00:00, morning 06:00, midday 11:00, afternoon 14:00, evening 18:00.  #}

with

minutes as (

    select * from {{ ref('int_minutes_of_day') }}

),

clock as (

    select
        minute_of_day,
        floor(minute_of_day / 60)::integer as hour_of_day,
        (minute_of_day % 60)::integer as minute_of_hour

    from minutes

),

labelled as (

    select
        *,
        lpad(hour_of_day::varchar, 2, '0') as hour_text,
        case
            when hour_of_day < 6 then 1
            when hour_of_day < 11 then 2
            when hour_of_day < 14 then 3
            when hour_of_day < 18 then 4
            else 5
        end as daypart_number

    from clock

),

final as (

    select
        minute_of_day::smallint as time_key,
        'minute'::varchar as member_type,
        (hour_text || ':' || lpad(minute_of_hour::varchar, 2, '0'))::varchar
            as time_label,
        hour_of_day::smallint as hour_of_day,
        minute_of_hour::smallint as minute_of_hour,
        (hour_text || ':00-' || hour_text || ':59')::varchar as hour_label,
        case when hour_of_day < 12 then 'am' else 'pm' end::varchar as am_pm,
        daypart_number::smallint as daypart_number,
        case daypart_number
            when 1 then 'night'
            when 2 then 'morning'
            when 3 then 'midday'
            when 4 then 'afternoon'
            else 'evening'
        end::varchar as daypart

    from labelled

    union all

    select
        member_key::smallint as time_key,
        'special'::varchar as member_type,
        member_label::varchar as time_label,
        null::smallint as hour_of_day,
        null::smallint as minute_of_hour,
        member_label::varchar as hour_label,
        member_label::varchar as am_pm,
        null::smallint as daypart_number,
        member_label::varchar as daypart

    from {{ special_members() }}

    where member_id = 'unknown'

)

select * from final
