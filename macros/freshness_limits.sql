{#  How old the tables of the packs may be: a list of one [system, table, hours until
    a warning, hours until an error] each, 'null' where the sources file sets no
    limit.  #}
{% macro freshness_limits() -%}
    {%- set hours_per = {'minute': 1 / 60, 'hour': 1, 'day': 24} -%}
    {%- set limits = [] -%}
    {%- if execute -%}
        {%- for source in graph.sources.values()
            | selectattr('loader', 'equalto', 'acrm') -%}
            {%- set row = [source.source_name, source.name] -%}
            {%- for level in ['warn_after', 'error_after'] -%}
                {%- set limit = (source.freshness or {})[level] or {} -%}
                {%- set hours = limit.count * hours_per[limit.period]
                    if limit.count else 'null' -%}
                {%- do row.append(hours) -%}
            {%- endfor -%}
            {%- do limits.append(row) -%}
        {%- endfor -%}
    {%- endif -%}
    {{ return(limits) }}
{%- endmacro %}
