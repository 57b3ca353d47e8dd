{#  Which facts the model in hand has to add up again, and on which days, since rows of
    them came, went or changed; only of use where is_incremental(). A dict:

    facts  those of reconciled_facts() that changed
    only   fact -> the condition of the rows to add up; the range of the days is told
           in it, so that only that part of a fact is read; where not all days of it
           changed, they are in `changed`
    days   a relation of them, with the columns fact_name and business_date  #}
{% macro changed_facts(facts) -%}
    {%- set days -%}
    (
        select distinct
            model as fact_name,
            case model
                {%- for fact, day, measures in facts %}
                when '{{ fact }}' then {{ day }}
                {%- endfor %}
            end as business_date

        from intermediate.changed_day

        where changed_at > {{ loaded_through() }}
    )
    {%- endset -%}
    {%- set ranges = {} -%}
    {%- for fact in run_query('
        select
            fact_name,
            min(business_date)::varchar as first_day,
            max(business_date)::varchar as last_day,
            count(*) > max(business_date) - min(business_date) as is_every_day
        from ' ~ days ~ ' as changed
        where business_date is not null
        group by fact_name
    ').rows -%}
        {%- do ranges.update({fact.fact_name: fact}) -%}
    {%- endfor -%}
    {%- set changed = {'facts': [], 'only': {}, 'days': days} -%}
    {%- for fact, day, measures in facts if fact in ranges -%}
        {%- do changed.facts.append((fact, day, measures)) -%}
        {%- set is_in_range = day ~ " between date '" ~ ranges[fact].first_day
            ~ "' and date '" ~ ranges[fact].last_day ~ "'" -%}
        {%- set has_changed = "
            and date_key in (
                select business_date from changed where fact_name = '" ~ fact ~ "'
            )" if day == 'date_key' and not ranges[fact].is_every_day else '' -%}
        {%- do changed.only.update({fact: is_in_range ~ has_changed}) -%}
    {%- endfor -%}
    {{ return(changed) }}
{%- endmacro %}
