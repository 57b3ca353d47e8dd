{#  The expression holds for every row; a row where it is null breaks it.  #}
{% test expression_is_true(model, expression) %}

select * from {{ model }}

where ({{ expression }}) is not true and {{ untested(model) }}

{% endtest %}
