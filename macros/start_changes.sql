{#  SQL that makes a fact's table of changes ready, in its transaction, before any is
    written: made anew where there is none, or one of other columns. It then has all
    changes since the fact's own mark.  #}
{% macro start_changes(fact, target, columns) -%}
    {%- set kept = kept_changes(fact) -%}
    {%- if not kept or kept.columns != columns -%}
    create or replace table intermediate.changes_of_{{ fact }} as
    select
        {{ columns | join(', ') }},
        0::tinyint as way,
        {{ newest_load() }} as changed_at
    from {{ target }}
    where false;
    delete from intermediate.kept_changes
    where model = '{{ fact }}';
    insert into intermediate.kept_changes
    select '{{ fact }}', '{{ columns | join(', ') }}', loaded_through
    from intermediate.model_state
    where model = '{{ fact }}';
    {%- endif -%}
{%- endmacro %}
