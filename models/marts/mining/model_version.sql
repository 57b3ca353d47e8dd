{#  Grain: one row a model, id space and part. Each id space has a row of each model,
    also where there was nothing to fit.  #}

with

cutoffs as (

    select * from {{ ref('int_mining_cutoff') }}

),

fits as (

    select * from {{ ref('py_value_fit') }}

),

cycles as (

    select * from {{ ref('py_own_cycle') }}

),

definitions as (

    select * from {{ ref('int_mining_definition') }}

),

rules as (

    select * from {{ ref('py_product_affinity') }}

),

sequences as (

    select * from {{ ref('py_product_sequence') }}

),

stocks as (

    select * from {{ ref('py_stock_forecast') }}

),

halos as (

    select * from {{ ref('py_product_halo') }}

),

segment_fits as (

    select * from {{ ref('py_segment_fit') }}

),

churn_fits as (

    select * from {{ ref('py_churn_fit') }}

),

churn_cutoffs as (

    select * from {{ ref('int_churn_cutoff') }}

),

dues as (

    select * from {{ ref('py_next_order') }}

),

forecasts as (

    select * from {{ ref('py_sales_forecast') }}

),

product_lists as (

    select * from {{ ref('py_next_product') }}

),

visitor_lists as (

    select * from {{ ref('int_visitor_list') }}

),

observations as (

    select * from {{ ref('obs_customer') }}

),

verdicts as (

    select * from {{ ref('int_model_verdict') }}

),

value_versions as (

    select
        'clv' as model,
        fits.id_space,
        fits.currency_code as part,
        'clv-1' as model_version,
        -- the worse of the two fits
        case
            when count(*) filter (fits.status = 'insufficient_data') > 0
                then 'insufficient_data'
            when count(*) filter (fits.status = 'not_converged') > 0
                then 'not_converged'
            when count(*) filter (fits.status = 'boundary') > 0 then 'boundary'
            else 'ok'
        end as status,
        concat_ws(
            '; ',
            nullif(max(fits.reason) filter (fits.model = 'bg_nbd'), ''),
            nullif(max(fits.reason) filter (fits.model = 'gamma_gamma'), '')
        ) as reason,
        '{' || coalesce(string_agg(
            '"' || fits.model || '.' || fits.parameter || '": ' || fits.estimate,
            ', '
            order by fits.model, fits.parameter
        ) filter (isfinite(fits.estimate)), '') || '}' as parameters,
        any_value(fits.code_hash) as code_hash

    from fits

    inner join cutoffs
        on
            fits.id_space = cutoffs.id_space
            and fits.cutoff_date = cutoffs.cutoff_date

    where cutoffs.is_current

    group by fits.id_space, fits.currency_code

),

rhythm_versions as (

    select
        'rhythm' as model,
        cycles.id_space,
        'all' as part,
        cycles.definition_version as model_version,
        any_value(cycles.status) as status,
        any_value(cycles.reason) as reason,
        any_value(
            case
                when isfinite(cycles.a)
                    then json_object(
                        'shape', cycles.shape, 'a', cycles.a, 'b', cycles.b
                    )::varchar
            end
        ) as parameters,
        any_value(cycles.code_hash) as code_hash

    from cycles

    inner join definitions
        on
            cycles.id_space = definitions.id_space
            and cycles.definition_version = definitions.definition_version

    where definitions.is_current and definitions.is_in_force

    group by cycles.id_space, cycles.definition_version

),

{% for model, rows in [('affinity', 'rules'), ('sequence', 'sequences')] -%}
{{ model }}_versions as (

    select
        '{{ model }}' as model,
        id_space,
        level as part,
        '{{ model }}-1' as model_version,
        'ok' as status,
        null as reason,
        json_object(
            'support', {{ var('affinity_support') }},
            'confidence', {{ var('affinity_confidence') }},
            'days', {{ var('affinity_days') }}
        )::varchar as parameters,
        any_value(code_hash) as code_hash

    from {{ rows }}

    where is_current

    group by id_space, level

),

{% endfor -%}
stock_versions as (

    select
        'migration' as model,
        id_space,
        scheme || ' ' || currency_code as part,
        'migration-1' as model_version,
        any_value(status) as status,
        any_value(reason) as reason,
        '{}' as parameters,
        any_value(code_hash) as code_hash

    from stocks

    group by
        id_space,
        scheme,
        currency_code

),

halo_versions as (

    select
        'halo' as model,
        id_space,
        level || ' ' || currency_code as part,
        'halo-1' as model_version,
        'ok' as status,
        null as reason,
        '{}' as parameters,
        any_value(code_hash) as code_hash

    from halos

    where is_current

    group by
        id_space,
        level,
        currency_code

),

segment_versions as (

    select
        'segment' as model,
        segment_fits.id_space,
        'all' as part,
        segment_fits.definition_version as model_version,
        any_value(segment_fits.status) as status,
        any_value(segment_fits.reason) as reason,
        json_object(
            'segments',
            count(distinct segment_fits.segment) filter (segment_fits.segment <> ''),
            'stability',
            any_value(segment_fits.stability) filter (isfinite(segment_fits.stability))
        )::varchar as parameters,
        any_value(segment_fits.code_hash) as code_hash

    from segment_fits

    inner join definitions
        on
            segment_fits.id_space = definitions.id_space
            and segment_fits.definition_version = definitions.definition_version

    where definitions.is_current and definitions.is_in_force

    group by segment_fits.id_space, segment_fits.definition_version

),

churn_versions as (

    select
        churn_fits.model,
        churn_fits.id_space,
        'all' as part,
        churn_fits.model || '-1' as model_version,
        any_value(churn_fits.status) as status,
        any_value(churn_fits.reason) as reason,
        '{' || coalesce(string_agg(
            '"' || churn_fits.feature || '": ' || churn_fits.coefficient,
            ', '
            order by churn_fits.feature
        ) filter (isfinite(churn_fits.coefficient)), '') || '}' as parameters,
        any_value(churn_fits.code_hash) as code_hash

    from churn_fits

    inner join churn_cutoffs
        on
            churn_fits.id_space = churn_cutoffs.id_space
            and churn_fits.cutoff_date = churn_cutoffs.training_cutoff_date

    where churn_cutoffs.is_current

    group by churn_fits.model, churn_fits.id_space

),

due_versions as (

    select
        'next_order' as model,
        dues.id_space,
        'all' as part,
        'next_order-1' as model_version,
        any_value(dues.status) as status,
        any_value(dues.reason) as reason,
        '{}' as parameters,
        any_value(dues.code_hash) as code_hash

    from dues

    inner join cutoffs
        on
            dues.id_space = cutoffs.id_space
            and dues.cutoff_date::date = cutoffs.cutoff_date

    where cutoffs.is_current

    group by dues.id_space

),

forecast_versions as (

    select
        'forecast' as model,
        id_space,
        currency_code as part,
        'forecast-1' as model_version,
        any_value(status) as status,
        any_value(reason) as reason,
        json_object('days', {{ var('forecast_days') }})::varchar as parameters,
        any_value(code_hash) as code_hash

    from forecasts

    where kind = 'forecast'

    group by id_space, currency_code

),

product_versions as (

    select
        'next_product' as model,
        id_space,
        'all' as part,
        'next_product-1' as model_version,
        any_value(status) as status,
        any_value(reason) as reason,
        json_object(
            'items', {{ var('next_product_items') }},
            'customers', {{ var('next_product_customers') }}
        )::varchar as parameters,
        any_value(code_hash) as code_hash

    from product_lists

    where customer_number = 0

    group by id_space

    union all

    select
        'next_product_visitor' as model,
        id_space,
        'all' as part,
        'next_product_visitor-1' as model_version,
        'ok' as status,
        null as reason,
        json_object('prior_orders', {{ var('next_product_prior') }})::varchar
            as parameters,
        null as code_hash

    from visitor_lists

    where is_current

    group by id_space

),

versions as (

    select * from value_versions

    union all

    select * from rhythm_versions

    union all

    select * from affinity_versions

    union all

    select * from sequence_versions

    union all

    select * from stock_versions

    union all

    select * from halo_versions

    union all

    select * from segment_versions

    union all

    select * from churn_versions

    union all

    select * from due_versions

    union all

    select * from forecast_versions

    union all

    select * from product_versions

),

kinds as (

    select
        unnest([
            'clv', 'rhythm', 'affinity', 'sequence', 'migration', 'halo', 'segment',
            'churn', 'cancel', 'next_order',
            'forecast', 'next_product', 'next_product_visitor'
        ]) as model,
        unnest([
            'value of the last 365 days, in proportion',
            'days since the last order',
            'chance: half of all pairs have a lift above 1',
            'chance: half of all pairs follow more often than after any purchase',
            'no change of stock',
            'chance: half of the items without a halo are above 0',
            'four of five keep their segment, else the value tier',
            'share that left of those as many days after their last order',
            'share that left of those as long subscribed',
            'the own mean interval after the last order',
            'mean of the last four same weekdays',
            'the most popular products that the customer does not have',
            'the most popular products of all orders'
        ]) as baseline

),

checksums as (

    select
        id_space,
        md5(concat_ws(' ', count(*), sum(hash(observations)))) as data_hash

    from observations

    group by id_space

),

final as (

    select
        kinds.model,
        cutoffs.id_space,
        coalesce(versions.part, 'all') as part,
        coalesce(versions.model_version, kinds.model || '-1') as model_version,
        cutoffs.cutoff_date,
        kinds.baseline,
        coalesce(versions.status, 'insufficient_data') as status,
        coalesce(
            versions.reason,
            case when versions.model is null then 'nothing to fit by the cut-off' end,
            ''
        ) as reason,
        coalesce(verdicts.verdict, 'insufficient_data') as verdict,
        coalesce(verdicts.cutoffs_judged, 0)::integer as cutoffs_judged,
        case
            when verdicts.verdict = 'better' and versions.status <> 'insufficient_data'
                then 'model'
            else 'baseline'
        end as published,
        coalesce(versions.parameters, '{}') as parameters,
        coalesce(versions.code_hash, '') as code_hash,
        coalesce(checksums.data_hash, '') as data_hash

    from cutoffs

    cross join kinds

    left join versions
        on
            cutoffs.id_space = versions.id_space
            and kinds.model = versions.model

    left join verdicts
        on
            versions.id_space = verdicts.id_space
            and versions.model = verdicts.model
            and versions.part = verdicts.part

    left join checksums
        on cutoffs.id_space = checksums.id_space

    where cutoffs.is_current

)

select * from final
