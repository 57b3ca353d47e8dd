{#  Where a fact keeps the rows that came, with the way 1, and those that went, with the
    way -1, of the columns that aggregates kept by differences read: a dict of
    `relation`, `columns` and `since`, the mark after which all are there; none if it
    keeps none. intermediate.kept_changes tells of it.

    What aggregates have taken in goes before the next run, the rest with a publication.
    Far more rows than aggregates would read of the fact are not kept, and none of a
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
