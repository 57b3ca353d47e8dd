{#  No two rows agree in all the columns given.  #}
{% test unique_combination(model, columns) %}

{%- set news = untested(model) %}

select
    {{ columns | join(', ') }},
    count(*) as row_count

from {{ model }}
{%- if news != 'true' %}

where
    ({{ columns | join(', ') }}) in (
        select ({{ columns | join(', ') }}) from {{ model }} where {{ news }}
    )
{%- endif %}

group by {{ columns | join(', ') }}

having count(*) > 1

{% endtest %}
