{#  One row a step of a visit. What was typed into the search is kept unless it looks
    like an e-mail address or a number of a person: an @, or six digits without a letter
    between.  #}

with

source as (

    select * from {{ source('example_traffic', 'visit_steps') }}

),

final as (

    select
        -- ids
        visit_id || '|' || step_number as source_record_id,
        visit_id as source_visit_id,
        step_number,
        product_id as source_product_id,

        -- time
        {{ to_utc('step_at', 'example_traffic') }} as step_at,
        {{ business_time('step_at', 'example_traffic') }} as step_at_local,

        -- kinds
        step_type,
        case
            when not regexp_matches(search_text, '@|([0-9][^a-zA-Z]*){6}')
                then lower(trim(search_text))
        end as search_text,
        is_stock_out,

        -- measures
        search_result_count,
        seconds,

        {{ record_columns() }}

    from source

)

select * from final
