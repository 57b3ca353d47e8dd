{#  An inner join on the key loses no row: every value is in the other table.  #}
{% test keys_resolve(model, column_name, to, field=none) %}

with

keys as (

    select {{ column_name }} from {{ model }}

    where {{ untested(model) }}

),

others as not materialized (

    select {{ field or column_name }} from {{ to }}

)

select
    keys.{{ column_name }},
    count(*) as rows_lost

from keys

anti join others
    on keys.{{ column_name }} = others.{{ field or column_name }}

group by keys.{{ column_name }}

{% endtest %}
