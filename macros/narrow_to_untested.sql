{#  For a test of a view over raw tables: let it read the batches that came since it
    last passed, as an incremental model does. A view that looks things up in a raw
    table that has news is read whole. The materialization of tests widens again.  #}
{% macro narrow_to_untested(relation) %}
    {%- if not execute or 'nodes' not in graph
        or flags.WHICH not in ['build', 'test'] -%}
        {{ return('') }}
    {%- endif -%}
    {%- set through = tested_through(model) -%}
    {%- set reads = raw_reads('model.acrm.' ~ relation.identifier) -%}
    {%- set news = [] -%}
    {%- for system, table in reads.lookups if through -%}
        {%- do news.extend(new_batches(system, table, through)) -%}
    {%- endfor -%}
    {%- if not through or news -%}
        {{ return('') }}
    {%- endif -%}
    {%- for system, table in reads.driving -%}
        {%- do show_batches(system, table, new_batches(system, table, through)) -%}
    {%- endfor -%}
    {%- do graph.setdefault('narrowed', {}).update({model.unique_id: reads.driving}) -%}
{% endmacro %}
