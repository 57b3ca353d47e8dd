{#  SQL that lets go of a fact's changes: aggregates of it do whole units again.  #}
{% macro drop_changes(fact) -%}
    drop table if exists intermediate.changes_of_{{ fact }};
    delete from intermediate.kept_changes
    where model = '{{ fact }}';
{%- endmacro %}
