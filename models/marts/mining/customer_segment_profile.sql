{#  Grain: one row an id space, cluster and feature.  #}

with

profiles as (

    select * from {{ ref('py_segment_profile') }}

),

final as (

    select
        id_space::varchar as id_space,
        definition_version::varchar as definition_version,
        segment::varchar as cluster,
        segment_name::varchar as cluster_name,
        customers::bigint as customers,
        feature::varchar as feature,
        {{ finite('median') }} as median,
        median_all::double as median_all,
        away::double as away,
        (row_number() over (
            partition by id_space, segment order by abs(away) desc, feature
        ))::integer as feature_rank

    from profiles

)

select * from final
