{#  Where a fact keeps the rows that came, with the way 1, and those that went, with the
    way -1, of the columns that aggregates kept by differences read: a dict of
    `relation`, `columns` and `since`, the mark after which all are there; none if it
    keeps none. intermediate.kept_changes tells of it.

    What aggregates have taken in goes before the next run, the rest with a publication.
    Far more rows than aggregates would read of the fact are not kept, and not those of a
    fact that starts anew.  #}
{% macro kept_changes(fact) -%}
    {%- set found = run_query("
        select columns, since::varchar as since
        from intermediate.kept_changes
        where model = '" ~ fact ~ "'
    ").rows -%}
    {{ return({
        'relation': 'intermediate.changes_of_' ~ fact,
        'columns': found[0].columns.split(', '),
        'since': found[0].since,
    } if found else none) }}
{%- endmacro %}


{#  Whether so many changes of a fact are few enough to be kept: aggregates then read
    them twice at most, once gone and once come, and not the days that they lie in.  #}
{% macro are_few_changes(count, fact) -%}
    {{ return(
        run_query(
            'select ' ~ count ~ ' <= greatest(250000, count(*) // 10) from ' ~ fact
        ).rows[0][0]
    ) }}
{%- endmacro %}


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


{#  SQL that lets go of a fact's changes: aggregates of it do whole units again.  #}
{% macro drop_changes(fact) -%}
    drop table if exists intermediate.changes_of_{{ fact }};
    delete from intermediate.kept_changes
    where model = '{{ fact }}';
{%- endmacro %}
