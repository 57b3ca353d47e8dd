{#  Whether so many changes of a fact are few enough to be kept: aggregates then read
    them twice at most, once gone and once come, and not the days that they lie in.  #}
{% macro are_few_changes(count, fact) -%}
    {{ return(
        run_query(
            'select ' ~ count ~ ' <= greatest(250000, count(*) // 10) from ' ~ fact
        ).rows[0][0]
    ) }}
{%- endmacro %}
