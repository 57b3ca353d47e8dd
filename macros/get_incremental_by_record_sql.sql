{#  The incremental strategy `by_record`: rows of the same unique_key are replaced, all
    in one transaction.

    config.meta `newest_by` names a column, such as changed_at, by which a row that is
    older than the one already there does not replace it.

    config.meta `redone` is for a model that does whole units again, named by
    unique_key, such as all lines of an order: {'marker': a column that is never null,
    'since': a column, if rows before it stay}; of aggregates these are `units` of time,
    see changed_units. For each unit to do again its query gives a row in which the
    marker is null; the unit's rows go, from `since` on, and those that the query gives
    besides take their place, if any.

    The rows that came and went of a fact that aggregates are kept of by differences go
    to intermediate.changes_of_<fact>, see kept_changes. Whom and which day a replaced
    row was about goes to intermediate.replaced_row, for the tables that summarise it;
    which days changed, to intermediate.changed_day, for tests and publication.  #}
{% macro get_incremental_by_record_sql(arguments) %}
    {%- set target_table = arguments.target_relation -%}
    {%- set name = target_table.identifier -%}
    {%- set news = arguments.temp_relation -%}
    {%- set columns = arguments.unique_key -%}
    {%- set columns = [columns] if columns is string else columns -%}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set meta = config.get('meta', {}) -%}
    {%- set newest_by = meta.get('newest_by') -%}
    {%- set redone = meta.get('redone') -%}
    {%- set units = meta.get('units') -%}
    {%- set has_day = 'date_key' in names and not units -%}
    {%- set has_customer = has_day and 'customer_id' in names and not redone -%}
    {%- set kept = kept_columns(name) -%}
    {%- set is_kept = kept and are_few_changes(
        '(select count(*) from ' ~ news ~ ')', target_table
    ) -%}
    {%- set read = (['source_system', 'customer_id'] if has_customer else [])
        + (['date_key'] if has_day else []) + (kept if is_kept else []) -%}
    {%- if newest_by %}
    delete from {{ news }}
    using {{ target_table }} as present
    where
        {% for column in columns -%}
        {{ news }}.{{ column }} = present.{{ column }}
        and {% endfor -%}
        (
            present.{{ newest_by }} > {{ news }}.{{ newest_by }}
            or (
                present.{{ newest_by }} is not null
                and {{ news }}.{{ newest_by }} is null
            )
        );
    {%- endif %}
    create or replace temp table going_{{ name }} as
    select
        present.rowid as row_id
        {%- for column in read | unique %},
        present.{{ column }}
        {%- endfor %}
    from {{ target_table }} as present
    {%- if redone %}
    inner join {{ news }} as markers
        on
            markers.{{ redone.marker }} is null
            {%- for column in columns %}
            and present.{{ column }}
                {{ 'is not distinct from' if units else '=' }} markers.{{ column }}
            {%- endfor %}
            {%- if redone.since %}
            and present.{{ redone.since }} >= markers.{{ redone.since }}
            {%- endif %}
    {%- else %}
    {#- found by their keys alone, so that the rest is read of them only #}
    where
        present.rowid in (
            select known.rowid
            from {{ target_table }} as known
            where
                (
                    {%- for column in columns %}
                    known.{{ column }}{{ ', ' if not loop.last }}
                    {%- endfor %}
                ) in (select ({{ columns | join(', ') }}) from {{ news }})
        )
    {%- endif %};
    {%- if has_customer %}
    insert into intermediate.replaced_row
    select '{{ name }}', source_system, customer_id, date_key, {{ newest_load() }}
    from going_{{ name }};
    {%- endif %}
    {%- if has_day %}
    insert into intermediate.changed_day
    select
        '{{ name }}',
        date_key,
        bool_or(is_old),
        {{ newest_load() }}
    from (
        select
            date_key,
            false as is_old
        from going_{{ name }}
        union all
        select
            date_key,
            {{ 'loaded_at <= ' ~ loaded_through() if 'loaded_at' in names else 'true' }}
                as is_old
        from {{ news }}
        {{- ' where ' ~ redone.marker ~ ' is not null' if redone }}
    )
    group by date_key;
    {%- elif units %}
    {%- set day = 'days.' ~ units.key if units.dates else 'markers.' ~ columns[0] %}
    insert into intermediate.changed_day
    select
        '{{ name }}',
        {{ day }},
        {{ day }} in (select day from days_of_{{ name }}),
        {{ newest_load() }}
    from {{ news }} as markers
    {%- if units.dates %}
    inner join {{ former(units.dates) }} as days
        on
            {%- for title, column in units.columns.items() %}
            days.{{ column }} is not distinct from markers.{{ title }}
            {{- ' and' if not loop.last }}
            {%- endfor %}
    {%- endif %}
    where markers.{{ redone.marker }} is null;
    {%- endif %}
    {%- if is_kept %}
    {{ start_changes(name, target_table, kept) }}
    insert into intermediate.changes_of_{{ name }}
    select {{ kept | join(', ') }}, -1, {{ newest_load() }}
    from going_{{ name }}
    union all
    select {{ kept | join(', ') }}, 1, {{ newest_load() }}
    from {{ news }}
    {{- ' where ' ~ redone.marker ~ ' is not null' if redone }};
    {%- elif kept %}
    {{ drop_changes(name) }}
    {%- endif %}

    delete from {{ target_table }}
    where rowid in (select row_id from going_{{ name }});

    drop table going_{{ name }};

    insert into {{ target_table }} ({{ names | join(', ') }})
    select {{ names | join(', ') }}
    from {{ news }}
    {{- ' where ' ~ redone.marker ~ ' is not null' if redone }}
{% endmacro %}
