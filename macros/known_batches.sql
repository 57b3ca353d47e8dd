{#  Loads of a fact, as a relation of one row a system and batch: through which business
    day the system was known before it, told by the rows of the loads before it. Null
    for the first load, and for all of a system that delivers its rows again: such rows
    were known when they happened.

    rows: CTE of the fact's rows.  #}
{% macro known_batches(rows) -%}
{%- set delivered_again = ['null'] -%}
{%- for system, settings in var('packs').items() if settings.get('delivers_again') -%}
    {%- do delivered_again.append("'" ~ system ~ "'") -%}
{%- endfor -%}
(
    select
        source_system,
        batch_id,
        case
            when source_system in ({{ delivered_again | join(', ') }}) then null
            else
                max(max(date_key)) over (
                    partition by source_system
                    order by min(loaded_at), batch_id
                    rows between unbounded preceding and 1 preceding
                )
        end as known_through

    from {{ rows }}

    group by source_system, batch_id
)
{%- endmacro %}
