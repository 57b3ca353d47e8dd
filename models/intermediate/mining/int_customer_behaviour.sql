{#  Grain: one row a customer and cut-off that clusters are drawn at, judged at or told
    at: how they bought in the year to it, by what was known then. Amounts and counts are
    logarithms, so that a few large accounts do not decide.  #}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

definitions as (

    select * from {{ ref('int_mining_definition') }}

),

channels as (

    select * from {{ ref('dim_channel') }}

),

products as (

    select * from {{ ref('dim_product') }}

),

-- the version that holds now places customers at all cut-offs
versions as (

    select
        id_space,
        max(definition_version) filter (is_current and is_in_force)
            as definition_version,
        list(distinct definition_cutoff_date) as definition_cutoff_dates

    from definitions

    group by id_space

),

judged as (

    select
        id_space,
        max(cutoff_date) as cutoff_date

    from cutoffs

    where is_mature and is_observed and not is_current

    group by id_space

),

told as (

    select
        cutoffs.id_space,
        cutoffs.cutoff_date,
        versions.definition_version,
        in_force.definition_version as version_then,
        cutoffs.is_current,
        coalesce(cutoffs.cutoff_date = judged.cutoff_date, false) as is_judged,
        list_contains(versions.definition_cutoff_dates, cutoffs.cutoff_date)
            as is_drawn

    from cutoffs

    inner join versions
        on cutoffs.id_space = versions.id_space

    left join definitions as in_force
        on
            cutoffs.id_space = in_force.id_space
            and cutoffs.cutoff_date = in_force.cutoff_date
            and in_force.is_in_force

    left join judged
        on cutoffs.id_space = judged.id_space

),

lines as (

    select
        told.*,
        known_lines.customer_id,
        known_lines.date_key,
        known_lines.line_type,
        known_lines.net_amount,
        known_lines.gross_amount,
        channels.channel_group = 'Digital shop' as is_digital,
        isodow(known_lines.date_key) > 5 as is_weekend,
        case when known_lines.time_key >= 0 then known_lines.time_key >= 17 * 60 end
            as is_evening,
        products.current_department as department,
        products.current_product_class as product_class

    from told

    inner join known_lines
        on
            told.id_space = known_lines.id_space
            and told.cutoff_date >= known_lines.date_key
            and told.cutoff_date < known_lines.date_key + 365
            and told.cutoff_date >= known_lines.recorded_on

    inner join channels
        on known_lines.channel_key = channels.channel_key

    inner join products
        on known_lines.product_id = products.product_id and products.is_current

    where
        (told.is_current or told.is_judged or told.is_drawn)
        and known_lines.customer_id is not null
        and known_lines.line_type in ('sale', 'return')

),

departments as (

    select
        id_space,
        department,
        row_number() over (
            partition by id_space order by sum(net_amount) desc, department
        ) as place

    from lines

    group by id_space, department

    qualify place <= 3

),

names as (

    select
        {% for place in range(1, 4) -%}
        max(department) filter (place = {{ place }}) as department_{{ place }},
        {% endfor -%}
        id_space

    from departments

    group by id_space

),

final as (

    select
        lines.id_space,
        lines.cutoff_date,
        lines.customer_id,
        any_value(lines.definition_version) as definition_version,
        any_value(lines.version_then) as version_then,
        bool_or(lines.is_current) as is_current,
        bool_or(lines.is_judged) as is_judged,
        bool_or(lines.is_drawn) as is_drawn,
        ln(count(distinct lines.date_key) filter (lines.line_type = 'sale'))
            as orders,
        ln(nullif(greatest(
            sum(lines.net_amount) filter (lines.line_type = 'sale'), 0
        ), 0)::double / count(distinct lines.date_key) filter (
            lines.line_type = 'sale'
        )) as order_value,
        ln(
            count(*) filter (lines.line_type = 'sale')
            / count(distinct lines.date_key) filter (lines.line_type = 'sale')
        ) as basket_size,
        ln(count(distinct lines.product_class)) as variety,
        sum(lines.gross_amount - lines.net_amount) filter (lines.line_type = 'sale')
        / nullif(sum(lines.gross_amount) filter (lines.line_type = 'sale'), 0)
            as discount_share,
        least(coalesce(
            -sum(lines.net_amount) filter (lines.line_type = 'return'), 0
        ) / nullif(sum(lines.net_amount) filter (lines.line_type = 'sale'), 0), 1)
            as return_share,
        avg(lines.is_digital::integer) filter (lines.line_type = 'sale')
            as digital_share,
        avg(lines.is_weekend::integer) filter (lines.line_type = 'sale')
            as weekend_share,
        avg(lines.is_evening::integer) filter (lines.line_type = 'sale')
            as evening_share,
        {% for place in range(1, 4) -%}
        avg((departments.place is not distinct from {{ place }})::integer) filter (
            lines.line_type = 'sale'
        ) as department_{{ place }}_share,
        {% endfor -%}
        any_value(names.department_1) as department_1,
        any_value(names.department_2) as department_2,
        any_value(names.department_3) as department_3

    from lines

    inner join names
        on lines.id_space = names.id_space

    left join departments
        on
            lines.id_space = departments.id_space
            and lines.department = departments.department

    group by
        lines.id_space,
        lines.cutoff_date,
        lines.customer_id

    having count(*) filter (lines.line_type = 'sale') > 0

)

select * from final
