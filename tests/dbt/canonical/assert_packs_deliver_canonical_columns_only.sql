-- A column that no entity has would be dropped in silence: a typing error in the name
-- of an optional column, most likely. Lists the columns, with the nearest right name.

with

canonical (entity, column_name) as (

    values
    {% if execute -%}
    {% for entity in canonical_entities() -%}
    {% for column in graph.nodes['model.acrm.int_' ~ entity].columns -%}
    ('{{ entity }}', '{{ column }}'),
    {% endfor -%}
    {% endfor -%}
    {% endif -%}
    ('none', 'none')

),

delivered as (

    select
        table_name,
        column_name,
        regexp_extract(table_name, '^stg_.+?__(.+)$', 1) as entity

    from information_schema.columns

    where
        table_catalog = current_database()
        and table_schema = 'staging'
        and table_name in (
            {% for system in var('packs') -%}
            {% for entity in pack_setting(system, 'entities') -%}
            'stg_{{ system }}__{{ entity }}',
            {% endfor -%}
            {% endfor -%}
            ''
        )

)

select
    delivered.table_name,
    delivered.column_name,
    arg_min(
        canonical.column_name, levenshtein(canonical.column_name, delivered.column_name)
    ) as nearest_column

from delivered

inner join canonical
    on delivered.entity = canonical.entity

group by delivered.table_name, delivered.column_name

having not bool_or(canonical.column_name = delivered.column_name)
