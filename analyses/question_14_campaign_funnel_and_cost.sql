{#  14: of those assigned to each cell, how many were contacted, how many responded, and
    what did a response cost?

    Contacts and responses are added up each on its own, then joined. A response rate is
    no lift: without a control group nothing says what the campaign caused.  #}

with

contacts as (

    select * from {{ ref('fct_contact') }}

),

responses as (

    select * from {{ ref('fct_response') }}

),

cells as (

    select * from {{ ref('dim_campaign_cell') }}

),

contacts_by_cell as (

    select
        cell_key,
        count(*) as assigned,
        sum(contacted_count) as contacted,
        case when count(*) = count(cost_amount) then sum(cost_amount) end as cost

    from contacts

    group by cell_key

),

responses_by_cell as (

    select
        cell_key,
        count(*) as responses,
        count(distinct customer_id) as responders,
        count(distinct offer_key) as offers_used

    from responses

    where counts_as_response

    group by cell_key

),

final as (

    select
        cells.source_system,
        cells.programme,
        cells.campaign_name,
        cells.cell_name,
        cells.control_type,
        cells.starts_on,
        cells.ends_on,
        contacts_by_cell.assigned,
        contacts_by_cell.contacted,
        coalesce(responses_by_cell.responders, 0) as responders,
        coalesce(responses_by_cell.responses, 0) as responses,
        coalesce(responses_by_cell.offers_used, 0) as offers_used,
        round(
            coalesce(responses_by_cell.responders, 0)
            / nullif(contacts_by_cell.contacted, 0),
            4
        ) as response_rate,
        contacts_by_cell.cost,
        round(
            contacts_by_cell.cost / nullif(responses_by_cell.responses, 0), 4
        ) as cost_per_response

    from contacts_by_cell

    inner join cells
        on contacts_by_cell.cell_key = cells.cell_key

    left join responses_by_cell
        on contacts_by_cell.cell_key = responses_by_cell.cell_key

)

select * from final

order by source_system, starts_on, campaign_name, cell_name
