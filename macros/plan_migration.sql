{#  Where one plan goes to another, in a word: enter and leave where there is none
    before or after, stay, up and down by rank within a family, else across; none
    where there is neither. An expression; before and after name two plans in the
    query.  #}
{% macro plan_migration(before, after) -%}
    case
            when {{ before }}.plan_id is null and {{ after }}.plan_id is null
                then 'none'
            when {{ before }}.plan_id is null then 'enter'
            when {{ after }}.plan_id is null then 'leave'
            when {{ before }}.plan_id = {{ after }}.plan_id then 'stay'
            when {{ before }}.plan_family <> {{ after }}.plan_family then 'across'
            when {{ after }}.plan_rank > {{ before }}.plan_rank then 'up'
            when {{ after }}.plan_rank < {{ before }}.plan_rank then 'down'
            else 'across'
        end
{%- endmacro %}
