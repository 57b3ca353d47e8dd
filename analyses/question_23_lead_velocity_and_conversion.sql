{#  23: how many leads of each source become orders, and how many days does it take?

    Days are medians of those that got so far. Open leads are shown, and the rate is of
    those that are decided: a source whose leads are young does not look worse for it.  #}

with

leads as (

    select * from {{ ref('fct_lead_funnel') }}

),

final as (

    select
        source_system,
        lead_source,
        sum(lead_count) as leads,
        sum(referral_count) as referred,
        sum(contacted_count) as contacted,
        sum(qualified_count) as qualified,
        sum(offered_count) as offered,
        sum(converted_count) as converted,
        sum(lost_count) as lost,
        sum(lead_count - converted_count - lost_count) as still_open,
        round(
            sum(converted_count) / nullif(sum(converted_count + lost_count), 0), 4
        ) as conversion_of_decided,
        round(median(days_created_to_contacted), 2) as median_days_to_contact,
        round(median(days_contacted_to_qualified), 2) as median_days_to_qualify,
        round(median(days_qualified_to_offered), 2) as median_days_to_offer,
        round(median(days_created_to_converted), 2) as median_days_to_convert

    from leads

    group by source_system, lead_source

)

select * from final

order by source_system, lead_source
