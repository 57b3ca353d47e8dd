{#  Grain: one row a system and load batch that sales lines are from: through which
    business day the system was known before that load. A system that delivers all its
    rows again was not known before any: its lines were known when they happened.  #}

{%- set delivered_again = ['null'] -%}
{%- for system, settings in var('packs').items() if settings.get('delivers_again') -%}
    {%- do delivered_again.append("'" ~ system ~ "'") -%}
{%- endfor %}

with

sales_lines as (

    select * from {{ ref('fct_sales_line') }}

),

batches as (

    select
        source_system,
        batch_id,
        min(loaded_at) as loaded_at,
        max(date_key) as last_business_date

    from sales_lines

    group by source_system, batch_id

),

final as (

    select
        source_system,
        batch_id,
        case
            when source_system in ({{ delivered_again | join(', ') }}) then null
            else
                max(last_business_date) over (
                    partition by source_system
                    order by loaded_at, batch_id
                    rows between unbounded preceding and 1 preceding
                )
        end as known_through

    from batches

)

select * from final
