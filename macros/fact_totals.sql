{#  What facts add up to, by system, business day and measure: the counterpart of
    int_source_totals.

    facts: a list of (mart, expression of the business day, {measure: aggregate}). only:
    mart -> the condition of the rows to add up; all if none.  #}
{% macro fact_totals(facts, only={}) -%}
(
    with
    {% for fact, day, measures in facts %}
    {{ fact }}_by_day as materialized (

        select
            source_system,
            {{ day }} as business_date,
            {%- for aggregate in measures.values() %}
            ({{ aggregate }})::decimal(38, 4) as measure_{{ loop.index }}
            {{- ',' if not loop.last }}
            {%- endfor %}

        from {{ ref(fact) }}
        {% if fact in only %}
        where {{ only[fact] }}
        {% endif %}
        group by source_system, business_date

    ){{ ',' if not loop.last }}
    {% endfor %}
    {%- for fact, day, measures in facts %}
    {%- set last_fact = loop.last %}
    {%- for measure in measures %}
    select
        source_system,
        '{{ fact }}' as fact_name,
        '{{ measure }}' as measure,
        business_date,
        measure_{{ loop.index }} as total

    from {{ fact }}_by_day
    {{ 'union all' if not (loop.last and last_fact) }}
    {% endfor %}
    {%- endfor %}
)
{%- endmacro %}
