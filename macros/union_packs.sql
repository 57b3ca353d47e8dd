{#  All records of an entity, from every pack that delivers it, latest delivery first.

    A record that came in several deliveries counts once, as last loaded; or by the
    column newest_by first, so that an old state that comes late does not win. Few
    records come twice, so those are found by a hash first, and only they are put in
    order. Totals are no records.  #}
{% macro union_packs(entity, newest_by=none) %}
    {%- if entity == 'source_totals' -%}
        {{ delivered_records(entity) }}
    {%- else -%}

with

delivered as not materialized (

    {{ delivered_records(entity) }}

),

repeated as (

    select hash(source_system, source_record_id) as record_hash

    from delivered

    group by record_hash

    having count(*) > 1

),

delivered_once as (

    select * from delivered

    where
        hash(source_system, source_record_id) not in (
            select record_hash from repeated
        )

),

latest_of_repeated as (

    select * from delivered

    where hash(source_system, source_record_id) in (select record_hash from repeated)

    qualify
        row_number() over (
            partition by source_system, source_record_id
            order by
                {%- if newest_by %}
                {{ newest_by }} desc nulls last,
                {%- endif %}
                loaded_at desc,
                batch_id desc,
                source_file desc
        ) = 1

),

final as (

    select * from delivered_once

    union all

    select * from latest_of_repeated

)

select * from final
    {%- endif %}
{% endmacro %}
