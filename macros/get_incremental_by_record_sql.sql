{#  The incremental strategy `by_record`: rows of the same unique_key are replaced, all
    in one transaction.

    config.meta `newest_by` names a column, such as changed_at, by which a row that is
    older than the one already there does not replace it. Whom and which day a
    replaced row was about goes to intermediate.replaced_row, for the tables that
    summarise it; such a table, by customer, says `clears_replaced_customers`, so that
    who has no rows any more goes as well.  #}
{% macro get_incremental_by_record_sql(arguments) %}
    {%- set target_table = arguments.target_relation -%}
    {%- set news = arguments.temp_relation -%}
    {%- set columns = arguments.unique_key -%}
    {%- set columns = [columns] if columns is string else columns -%}
    {%- set key = '(' ~ columns | join(', ') ~ ')' -%}
    {%- set names = arguments.dest_columns | map(attribute='name') | list -%}
    {%- set newest_by = config.get('meta', {}).get('newest_by') -%}
    {%- if newest_by %}
    delete from {{ news }}
    using {{ target_table }} as present
    where
        {% for column in columns -%}
        {{ news }}.{{ column }} = present.{{ column }}
        and {% endfor -%}
        present.{{ newest_by }} > {{ news }}.{{ newest_by }};
    {%- endif %}
    {%- if 'customer_id' in names and 'date_key' in names
        and 'customer_id' not in columns %}
    insert into intermediate.replaced_row
    select
        '{{ target_table.identifier }}',
        source_system,
        customer_id,
        date_key,
        (select max(loaded_at) from landing.load_batch)
    from {{ target_table }}
    where {{ key }} in (select {{ key }} from {{ news }});
    {%- endif %}
    delete from {{ target_table }}
    where
        {{ key }} in (select {{ key }} from {{ news }})
        {%- if config.get('meta', {}).get('clears_replaced_customers') %}
        or customer_id in (
            select customer_id from intermediate.replaced_row
            where replaced_at > {{ loaded_through() }}
        )
        {%- endif %};

    insert into {{ target_table }} ({{ names | join(', ') }})
    select {{ names | join(', ') }}
    from {{ news }}
{% endmacro %}
