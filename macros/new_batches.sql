{#  The batches that a raw table got after a load: a list of ids.  #}
{% macro new_batches(system, table, loaded_through) -%}
    {%- set found = run_query("
        select distinct batch_id
        from landing.load_batch
        where
            system = '" ~ system ~ "'
            and table_name = '" ~ table ~ "'
            and loaded_at > timestamp '" ~ loaded_through ~ "'
        order by batch_id
    ") -%}
    {{ return(found.columns[0].values() | list) }}
{%- endmacro %}
