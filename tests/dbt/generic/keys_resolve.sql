{#  An inner join on the key loses no row: every value is in the other table.  #}
{% test keys_resolve(model, column_name, to, field=none) %}

select
    {{ column_name }},
    count(*) as rows_lost

from {{ model }}

where
    {{ untested(model) }}
    and (
        {{ column_name }} is null
        or {{ column_name }} not in (select {{ field or column_name }} from {{ to }})
    )

group by {{ column_name }}

{% endtest %}
