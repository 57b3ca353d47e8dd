{#  What loading adds to every row of the raw zone.  #}
{% macro raw_zone_columns() %}
    {{ return({
        '_loaded_at': 'timestamp', '_extracted_at': 'timestamp',
        '_batch_id': 'varchar', '_source_file': 'varchar', '_row_number': 'bigint',
    }) }}
{% endmacro %}
