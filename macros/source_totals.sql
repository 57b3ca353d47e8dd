{#  What a system says its facts add up to, straight from its raw table.

    A relation of one row a batch, business day, measure and disposition: `delivered`
    (in the raw zone), `superseded` (what the batch made obsolete, in itself or in
    earlier ones; what is left must be in the facts) and `quarantined` (broke the
    contract; a value that cannot be read counts nought). It reads the raw table
    itself, so that it shares no step with the facts, and gives the same rows for a
    batch whether the raw view shows all batches or the new ones only.

    fact: the mart that must show it. measures: name -> expression over the raw
    columns. business_date: expression. key: columns that name a record; or, for a
    table without one, `fingerprint`: columns that make two rows the same record
    when they come in two files, while repeats inside a file are records each.
    newest_by: a column, such as changed_at, that decides before the order of loads
    which delivery of a record counts.  #}
{% macro source_totals(
    system, table, fact, business_date, measures, key=none, fingerprint=none,
    newest_by=none
) %}
    {%- set columns = declared_columns(
        'source.acrm.' ~ system ~ '.' ~ table, 'raw_' ~ system, table
    ) %}
    {%- set new_batches =
        "getvariable('" ~ new_batches_variable(system, table) ~ "')" %}
    {%- set delivery = ([newest_by] if newest_by else [])
        + ['_loaded_at', '_batch_id', '_source_file'] %}
    {%- set record = (key or fingerprint) | join(', ') %}
    {%- set kept = ((key or fingerprint) + delivery) | unique | list %}
    {%- set raw = source(system, table) %}
    {%- set is_unit_test = execute and 'nodes' not in graph %}
(
with

delivered as not materialized (

    select
        {{ business_date }} as business_date,
        {%- for expression in measures.values() %}
        ({{ expression }})::decimal(38, 4) as measure_{{ loop.index }},
        {%- endfor %}
        {{ kept | join(',\n        ') }}

    from {{ raw }} as source_rows

),

-- all deliveries of the records; none, unless the raw view is narrowed to new ones
same_records as materialized (

    select
        {{ business_date }} as business_date,
        {%- for expression in measures.values() %}
        ({{ expression }})::decimal(38, 4) as measure_{{ loop.index }},
        {%- endfor %}
        {{ kept | join(',\n        ') }}

    from {{ raw if is_unit_test else api.Relation.create(
        raw.database, raw.schema, raw.identifier ~ '__all'
    ) }} as source_rows

    {# a plain equality lets DuckDB skip what lies outside the range of the new keys -#}
    semi join {{ raw }} as new_rows
        on
            {%- for column in key or fingerprint %}
            source_rows.{{ column }} {{ '=' if key else 'is not distinct from' }}
            new_rows.{{ column }}
            {{- ' and' if not loop.last }}
            {%- endfor %}

    where {{ new_batches }} is not null

),

-- found first, so that only they are asked for their batch
earlier as materialized (

    select * from same_records

    where not list_contains({{ new_batches }}, _batch_id)

),

readable as (

    select
        {%- for column, declared in columns.items() if not column.startswith('_') %}
        try_cast(
            json_extract_string(row_json, '$."{{ column }}"')
            as {{ declared.data_type }}
        ) as "{{ column }}",
        {%- else %}
        *,
        {%- endfor %}
        _batch_id

    from {{ source('landing', 'quarantine') }}

    where
        system = '{{ system }}'
        and table_name = '{{ table }}'
        and (
            {{ new_batches }} is null or list_contains({{ new_batches }}, _batch_id)
        )

),

quarantined as (

    select
        coalesce({{ business_date }}, date '1900-01-01') as business_date,
        {%- for expression in measures.values() %}
        coalesce({{ expression }}, 0)::decimal(38, 4) as measure_{{ loop.index }},
        {%- endfor %}
        _batch_id

    from readable as source_rows

),
{% if key %}
repeated as (

    select hash({{ record }}) as record_hash

    from delivered

    group by record_hash

    having count(*) > 1

),

contested as (

    select * from delivered

    where
        hash({{ record }}) in (select record_hash from repeated)
        or ({{ record }}) in (select ({{ record }}) from earlier)

    union all

    select * from earlier

    qualify
        row_number() over (
            partition by {{ record }}
            order by {{ delivery | join(' desc, ') }} desc
        ) = 1

),

-- a delivery counts from when it comes until a newer one comes
in_order as (

    select
        *,
        row({{ delivery | join(', ') }}) as delivery,
        max(row({{ delivery | join(', ') }})) over (
            partition by {{ record }}
            order by _loaded_at, _batch_id, _source_file
        ) as newest_delivery

    from contested

),

ousted as (

    select
        * exclude (_batch_id),
        lead(_batch_id) over (
            partition by {{ record }}
            order by _loaded_at, _batch_id, _source_file
        ) as _batch_id

    from in_order

    where delivery = newest_delivery

),

superseded as (

    select
        business_date,
        {{ measured(measures) | join(', ') }},
        _batch_id

    from ousted

    where _batch_id is not null

    union all

    select
        business_date,
        {{ measured(measures) | join(', ') }},
        _batch_id

    from in_order

    where delivery < newest_delivery

),
{% else %}
repeats as (

    {%- for deliveries in ['delivered', 'earlier'] %}

    select
        '{{ deliveries }}' as came,
        business_date,
        {{ measured(measures) | join(', ') }},
        {{ fingerprint | join(', ') }},
        _loaded_at,
        _batch_id,
        _source_file,
        count(*) as repeats_in_file

    from {{ deliveries }}

    group by all

    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

known_repeats as (

    select
        *,
        coalesce(max(repeats_in_file) over (
            partition by
                business_date,
                {{ measured(measures) | join(', ') }},
                {{ fingerprint | join(', ') }}
            order by _loaded_at, _batch_id, _source_file
            rows between unbounded preceding and 1 preceding
        ), 0) as known

    from repeats

),

superseded as (

    select
        business_date,
        {%- for column in measured(measures) %}
        {{ column }} * least(repeats_in_file, known) as {{ column }},
        {%- endfor %}
        _batch_id

    from known_repeats

    where came = 'delivered' and known > 0

),
{% endif %}
daily as (

    {%- for disposition in ['delivered', 'quarantined', 'superseded'] %}

    select
        '{{ disposition }}' as disposition,
        _batch_id as batch_id,
        business_date,
        {%- for column in measured(measures) %}
        sum({{ column }}) as {{ column }}{{ ',' if not loop.last }}
        {%- endfor %}

    from {{ disposition }}

    group by _batch_id, business_date

    {{ 'union all' if not loop.last }}
    {%- endfor %}

),

totals as (

    {%- for measure in measures %}

    select
        '{{ fact }}' as fact_name,
        '{{ measure }}' as measure,
        disposition,
        batch_id,
        business_date,
        measure_{{ loop.index }} as total

    from daily

    {{ 'union all' if not loop.last }}
    {%- endfor %}

)

select * from totals
)
{%- endmacro %}
