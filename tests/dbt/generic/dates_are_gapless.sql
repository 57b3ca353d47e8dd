{#  Every day from the first to the last of the column is there.  #}
{% test dates_are_gapless(model, column_name) %}

with

steps as (

    select
        {{ column_name }} as missing_after,
        lead({{ column_name }}) over (order by {{ column_name }}) as next_date

    from {{ model }}

)

select * from steps

where next_date > missing_after + 1

{% endtest %}
