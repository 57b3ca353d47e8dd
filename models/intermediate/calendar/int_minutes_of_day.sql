{#  Grain: one minute of the day.  #}

with

final as (

    select unnest(generate_series(0, 24 * 60 - 1))::smallint as minute_of_day

)

select * from final
