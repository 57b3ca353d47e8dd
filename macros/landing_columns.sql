{#  Columns of what loading and running leave beside the raw data: the batch log,
    the quarantine, the logs of runs and of what each node of them did.  #}
{% macro landing_columns() %}
    {{ return({
        'load_batch': {
            'batch_id': 'varchar', 'system': 'varchar', 'table_name': 'varchar',
            'source_file': 'varchar', 'file_bytes': 'bigint', 'file_sha256': 'varchar',
            'rows_read': 'bigint', 'rows_loaded': 'bigint',
            'rows_quarantined': 'bigint', 'event_from': 'timestamp',
            'event_to': 'timestamp', 'extracted_at': 'timestamp',
            'loaded_at': 'timestamp', 'contract_sha256': 'varchar',
            'rows_late': 'bigint',
        },
        'quarantine': {
            '_batch_id': 'varchar', '_loaded_at': 'timestamp', 'system': 'varchar',
            'table_name': 'varchar', '_source_file': 'varchar',
            '_row_number': 'bigint', 'reason_code': 'varchar',
            'column_name': 'varchar', 'reason': 'varchar', 'row_json': 'varchar',
        },
        'dbt_run': {
            'run_id': 'varchar', 'command': 'varchar', 'started_at': 'timestamp',
            'ended_at': 'timestamp', 'status': 'varchar', 'nodes_passed': 'bigint',
            'nodes_warned': 'bigint', 'nodes_failed': 'bigint',
            'nodes_skipped': 'bigint', 'dbt_version': 'varchar',
        },
        'dbt_run_node': {
            'run_id': 'varchar', 'node_name': 'varchar', 'node_kind': 'varchar',
            'status': 'varchar', 'seconds': 'double', 'row_count': 'bigint',
        },
    }) }}
{% endmacro %}
