{#  The versions of a member follow each other without gap or overlap, the last is
    open, and only that one is current.  #}
{% test scd2_ranges_are_gapless(model, business_key) %}

with

versions as (

    select
        {{ business_key }},
        valid_from,
        valid_to,
        is_current,
        lead(valid_from) over (
            partition by {{ business_key }} order by valid_from
        ) as next_from

    from {{ model }}

)

select * from versions

where
    valid_to is distinct from coalesce(next_from, timestamp '9999-12-31')
    or valid_from >= valid_to
    or is_current is distinct from (next_from is null)

{% endtest %}
