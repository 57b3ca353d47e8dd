{#  dbt's materialization of a view in one statement: DuckDB replaces a view whole, so
    nothing need be renamed, and a night makes a hundred of them. A table of that name
    makes way.  #}
{% materialization view, adapter='duckdb' %}
    {% set existing = load_cached_relation(this) %}
    {% set view = this.incorporate(type='view') %}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {% if existing is not none and not existing.is_view %}
        {{ adapter.drop_relation(existing) }}
    {% endif %}
    {% set definition %}
        create or replace view {{ view }} as (
            {{ sql }}
        )
    {% endset %}
    {% call statement('main') %}
        {%- if config.get('contract').enforced %}
        {{ get_assert_columns_equivalent(sql) }}
        {%- endif %}
        {{ definition }}
    {% endcall %}
    {% do remember_view(definition) %}
    {% do persist_docs(view, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({'relations': [view]}) }}
{% endmaterialization %}
