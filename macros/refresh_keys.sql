{#  After an incremental fact: rows whose member got another history point to the
    version of their day again.

    config.meta `as_was` says at which instant the fact looked a member up: member ->
    an expression over the fact's columns. Where the member plays a second role, such
    as alternative_product, it is a dict instead: `at` that expression, `dimension`
    the member that it is, `id` and `key` the fact's columns. Only members of whom a
    batch since the last build says something are looked at; all, where that cannot be
    told because the dimension's pack looks things up in a raw table that has news.  #}
{% macro refresh_keys() %}
    {% for role, looked_up in config.get('meta', {}).get('as_was', {}).items() %}
        {% set looked_up = {'at': looked_up} if looked_up is string else looked_up %}
        {% set member = looked_up.get('dimension', role) %}
        {% set id = looked_up.get('id', role ~ '_id') %}
        {% set key = looked_up.get('key', role ~ '_key') %}
        {% set dimension = 'dim_' ~ member %}
        {% call statement('refresh_' ~ role) %}
            update {{ this }} as facts
            set {{ key }} = versions.{{ member }}_key
            from {{ former(dimension) }} as versions
            where
                facts.{{ id }} = versions.{{ member }}_id
                and {{ looked_up.at }} >= versions.valid_from
                and {{ looked_up.at }} < versions.valid_to
                and facts.{{ key }} <> versions.{{ member }}_key
                and {{ may_have_changed(dimension, 'versions') }}
        {% endcall %}
    {% endfor %}
{% endmacro %}
