{#  Grain: one row an id space, currency, calendar quarter and quarter that it is
    compared with: the one before, or that of the year before. What is told of each
    customer and product is what acrm.mining.migration.revenue_bridge tells, to the
    cent.  #}

{% set quarters = 4 %}

with

known_lines as (

    select * from {{ ref('int_known_line') }}

),

customer_days as (

    select * from {{ ref('int_customer_day') }}

),

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

current_cutoffs as (

    select
        id_space,
        cutoff_date,
        (cutoff_date - history_days)::date as day_before_history

    from cutoffs

    where is_current

),

ends as (

    select
        cutoffs.id_space,
        cutoffs.cutoff_date as period_to,
        current_cutoffs.cutoff_date as known_by,
        current_cutoffs.day_before_history,
        unnest(['quarter_before', 'year_before']) as compared_with,
        unnest([3, 12]) as months_before

    from cutoffs

    inner join current_cutoffs
        on cutoffs.id_space = current_cutoffs.id_space

    where month(cutoffs.cutoff_date) % 3 = 0

    qualify
        dense_rank() over (
            partition by cutoffs.id_space order by cutoffs.cutoff_date desc
        ) <= {{ quarters }}

),

bounded as (

    select
        *,
        last_day(period_to - interval 3 month) as period_after,
        last_day(period_to - to_months(months_before)) as before_to,
        last_day(period_to - to_months(months_before + 3)) as before_after

    from ends

),

-- a quarter that began before the history did is compared with nothing
periods as (

    select * from bounded

    where before_after >= day_before_history

),

first_days as (

    select
        customer_id,
        min(date_key) as first_day

    from customer_days

    group by customer_id

),

lines as (

    select
        periods.id_space,
        periods.period_to,
        periods.compared_with,
        periods.before_after,
        known_lines.currency_code,
        known_lines.customer_id,
        known_lines.product_id,
        known_lines.date_key > periods.period_after as is_after,
        (known_lines.net_amount * 100)::bigint as cents,
        coalesce(known_lines.quantity, 0) as quantity

    from periods

    inner join known_lines
        on
            periods.id_space = known_lines.id_space
            and periods.known_by >= known_lines.recorded_on
            and (
                (
                    periods.period_after < known_lines.date_key
                    and periods.period_to >= known_lines.date_key
                )
                or (
                    periods.before_after < known_lines.date_key
                    and periods.before_to >= known_lines.date_key
                )
            )

),

product_sums as (

    select
        id_space,
        currency_code,
        period_to,
        compared_with,
        customer_id,
        product_id,
        any_value(before_after) as before_after,
        coalesce(sum(cents) filter (not is_after), 0)::bigint as cents_before,
        coalesce(sum(cents) filter (is_after), 0)::bigint as cents_after,
        coalesce(sum(quantity) filter (not is_after), 0) as quantity_before,
        coalesce(sum(quantity) filter (is_after), 0) as quantity_after

    from lines

    group by
        id_space,
        currency_code,
        period_to,
        compared_with,
        customer_id,
        product_id

),

sides as (

    select
        *,
        cents_before <> 0 or quantity_before <> 0 as had,
        cents_after <> 0 or quantity_after <> 0 as has

    from product_sums

),

customers as (

    select
        id_space,
        currency_code,
        period_to,
        compared_with,
        customer_id,
        any_value(before_after) as before_after,
        bool_or(had) as was,
        bool_or(has) as stays

    from sides

    where customer_id is not null

    group by
        id_space,
        currency_code,
        period_to,
        compared_with,
        customer_id

),

known_customers as (

    select
        customers.*,
        first_days.first_day <= customers.before_after as bought_earlier

    from customers

    inner join first_days
        on customers.customer_id = first_days.customer_id

),

-- what the change of quantity would have brought at the former price
priced as (

    select
        sides.*,
        known_customers.was,
        known_customers.stays,
        known_customers.bought_earlier,
        case
            when
                sides.had
                and sides.has
                and sides.quantity_before > 0
                and sides.quantity_after > 0
                then
                    round_even(
                        sides.cents_before::double
                        * (
                            sides.quantity_after::double
                            / sides.quantity_before::double
                        ),
                        0
                    )::bigint
        end as cents_at_former_price

    from sides

    left join known_customers
        on
            sides.id_space = known_customers.id_space
            and sides.currency_code = known_customers.currency_code
            and sides.period_to = known_customers.period_to
            and sides.compared_with = known_customers.compared_with
            and sides.customer_id = known_customers.customer_id

),

parts as (

    select
        *,
        case
            when customer_id is null then 'anonymous'
            when not was and bought_earlier then 'reacquired'
            when not was then 'new'
            when not stays then 'lost'
            when not had and has then 'up'
            when had and not has then 'down'
            else 'volume'
        end as part,
        -- of those who stayed alone: others have no two prices
        case
            when customer_id is not null
                then coalesce(cents_after - cents_at_former_price, 0)
            else 0
        end as price_cents

    from priced

),

final as (

    select
        {{ surrogate_key([
            'id_space', 'currency_code', 'period_to', 'compared_with',
        ]) }} as revenue_bridge_key,
        period_to as date_key,
        id_space,
        currency_code,
        compared_with,
        last_day(period_to - to_months(
            case compared_with when 'year_before' then 12 else 3 end
        )) as before_date,
        (sum(cents_before) / 100)::decimal(18, 2) as before_amount,
        {% for part in ['new', 'reacquired', 'lost', 'up', 'down', 'volume',
                        'anonymous'] -%}
        (coalesce(
            sum(cents_after - cents_before - price_cents) filter (part = '{{ part }}'),
            0
        ) / 100)::decimal(18, 2) as {{ part }}_amount,
        {% endfor -%}
        (sum(price_cents) / 100)::decimal(18, 2) as price_amount,
        (sum(cents_after) / 100)::decimal(18, 2) as after_amount,
        {% for part in ['new', 'reacquired', 'lost'] -%}
        count(distinct customer_id) filter (part = '{{ part }}') as {{ part }}_count,
        {% endfor -%}
        count(distinct customer_id) filter (was and stays) as stayed_count

    from parts

    group by
        id_space,
        currency_code,
        period_to,
        compared_with

)

select * from final
