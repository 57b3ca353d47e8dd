{#  The stage of a customer by the own rhythm, as `acrm.mining.rhythm.lifecycle_stage`
    tells it with its default rules: silent for so many own cycles, and at least for so
    many days. Null where the own cycle is.

    cycle, silent, last_interval, intervals: columns, in days but the last.  #}
{% macro lifecycle_stage(cycle, silent, last_interval, intervals) -%}
    case
        when {{ cycle }} is null then null
        when {{ silent }} > greatest(6 * {{ cycle }}, 180) then 'former'
        when {{ silent }} > greatest(3 * {{ cycle }}, 60) then 'lapsed'
        when {{ silent }} > greatest(1.5 * {{ cycle }}, 21) then 'at_risk'
        when {{ last_interval }} > greatest(3 * {{ cycle }}, 60) then 'reactivated'
        when {{ intervals }} = 0 then 'new'
        else 'active'
    end
{%- endmacro %}
