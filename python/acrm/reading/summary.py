"""A short summary of a published version: what is in it, and what it says.

Each section is one SQL statement that anyone can ask with ``acrm sql``.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

COHORT_MONTHS = (1, 2, 3, 6, 9)


@dataclass(frozen=True)
class Section:
    """One table of the summary.

    Parameters
    ----------
    title : str
        What it shows.
    sql : str
        The question, with ``$system`` for the source system.
    """

    title: str
    sql: str


RECONCILIATION = Section(
    "Reconciliation, day by day: source - quarantined - redelivered - fact = left",
    """
    select
        measure,
        sum(source_total)::decimal(18, 2) as "source",
        sum(quarantined_total)::decimal(18, 2) as "quarantined",
        sum(redelivered_total)::decimal(18, 2) as "redelivered",
        sum(fact_total)::decimal(18, 2) as "fact",
        sum(abs(difference))::decimal(18, 2) as "left"
    from ctl_reconciliation
    where source_system = $system
    group by measure
    order by measure
    """,
)

QUARANTINE = Section(
    "Quarantine",
    """
    select
        table_name as "table", reason_code as "reason", count(*) as "rows",
        min(reason) as "for example"
    from ctl_quarantine
    where source_system = $system
    group by table_name, reason_code
    order by table_name, reason_code
    """,
)

DEPARTMENTS = Section(
    "Net sales by department",
    """
    with ranked as (
        select
            products.department,
            sales.currency_code,
            sum(sales.net_amount) as net,
            count(distinct sales.order_id) as orders,
            count(distinct sales.customer_id) as customers,
            row_number() over (order by sum(sales.net_amount) desc) as place
        from fct_sales_line as sales
        inner join dim_product as products using (product_key)
        where sales.source_system = $system
        group by products.department, sales.currency_code
    )
    select
        case when place <= 10 then department else 'all others' end
            as "department",
        any_value(currency_code) as "currency",
        sum(net) as "net",
        (100 * sum(net) / sum(sum(net)) over ())::decimal(6, 1) as "% of all",
        case when min(place) <= 10 then max(orders) end as "orders",
        case when min(place) <= 10 then max(customers) end as "customers"
    from ranked
    group by 1
    order by min(place)
    """,
)

RETENTION = Section(
    "Retention: % of a month's new customers who bought again in month n, whole "
    "months only",
    f"""
    with cohorts as (
        select
            min(month_start) over (partition by customer_id) as cohort,
            month_number,
            order_count,
            is_complete_month
        from fct_customer_month
        where source_system = $system
    )
    select
        strftime(cohort, '%Y-%m') as "cohort",
        count(*) filter (month_number = 0) as "customers",
        {
        ", ".join(
            f'''(100 * count(*) filter (month_number = {month} and order_count > 0)
            / nullif(count(*) filter (month_number = {month}), 0))::decimal(6, 1)
            as "month {month}"'''
            for month in COHORT_MONTHS
        )
    }
    from cohorts
    where is_complete_month
    group by cohort
    order by cohort
    """,
)

CAMPAIGNS = Section(
    "Response by campaign (no control groups here, so this is no lift)",
    """
    with contacts as (
        select cell_key, sum(contacted_count) as contacted
        from fct_contact where source_system = $system group by cell_key
    ),
    responses as (
        select
            cell_key,
            count(*) as responses,
            count(distinct customer_id) as responders
        from fct_response
        where source_system = $system and counts_as_response
        group by cell_key
    )
    select
        cells.campaign_name as "campaign",
        cells.programme as "programme",
        cells.starts_on as "from",
        cells.ends_on as "to",
        contacts.contacted as "contacted",
        coalesce(responses.responders, 0) as "responders",
        coalesce(responses.responses, 0) as "responses",
        (100 * coalesce(responses.responders, 0) / nullif(contacts.contacted, 0))
        ::decimal(6, 1) as "% responding",
        case
            when cells.ends_on > (
                select max(date_key) from fct_sales_line where source_system = $system
            ) then 'yes'
        end as "still open"
    from contacts
    inner join dim_campaign_cell as cells using (cell_key)
    left join responses using (cell_key)
    order by cells.starts_on, cells.campaign_name
    """,
)

SECTIONS = (RECONCILIATION, QUARANTINE, DEPARTMENTS, RETENTION, CAMPAIGNS)

COMPANY_TOTALS = Section(
    "Reconciliation of the example company's five systems",
    """
    select
        source_system as "system",
        count(*) as "totals",
        count(*) filter (is_reconciled) as "reconciled",
        count(distinct business_date) as "days"
    from ctl_reconciliation
    where source_system like 'example\\_%' escape '\\'
    group by source_system
    order by source_system
    """,
)

LIFT = Section(
    "Lift: % who bought within 30 days, against a control group drawn at random",
    """
    with assigned as (
        select
            cells.campaign_name,
            contacts.customer_id,
            contacts.is_control,
            contacts.date_key
        from fct_contact as contacts
        inner join dim_campaign_cell as cells using (cell_key)
        where
            contacts.source_system like 'example\\_%' escape '\\'
            and cells.campaign_name in ('Autumn mailing', 'Spring letter', 'Come back')
    ),
    buyers as (
        select distinct assigned.campaign_name, assigned.customer_id
        from assigned
        inner join fct_sales_line as sales
            on
                assigned.customer_id = sales.customer_id
                and sales.line_type = 'sale'
                and sales.date_key >= assigned.date_key
                and sales.date_key < assigned.date_key + 30
    ),
    groups as (
        select
            assigned.campaign_name,
            min(assigned.date_key) as assigned_on,
            count(*) filter (not is_control) as mailed,
            count(*) filter (is_control) as controls,
            avg((buyers.customer_id is not null)::integer) filter (not is_control)
                as mailed_share,
            avg((buyers.customer_id is not null)::integer) filter (is_control)
                as control_share
        from assigned
        left join buyers
            on
                assigned.campaign_name = buyers.campaign_name
                and assigned.customer_id = buyers.customer_id
        group by assigned.campaign_name
    ),
    compared as (
        select
            *,
            196 * sqrt(
                mailed_share * (1 - mailed_share) / mailed
                + control_share * (1 - control_share) / controls
            ) as margin
        from groups
    )
    select
        campaign_name as "campaign",
        assigned_on as "assigned",
        mailed as "mailed",
        controls as "controls",
        (100 * mailed_share)::decimal(6, 1) as "% mailed",
        (100 * control_share)::decimal(6, 1) as "% controls",
        (100 * (mailed_share - control_share))::decimal(6, 1) as "lift, points",
        (100 * (mailed_share - control_share) - margin)::decimal(6, 1) as "from",
        (100 * (mailed_share - control_share) + margin)::decimal(6, 1) as "to"
    from compared
    order by assigned_on
    """,
)

ORDERS = Section(
    "Orders by channel: how many came late, and what a line leaves",
    """
    with orders as (
        select
            channels.channel,
            sum(order_count) as orders,
            sum(late_count) as late,
            sum(on_time_count) as on_time
        from fct_order_lifecycle
        inner join dim_channel as channels using (channel_key)
        where source_system like 'example\\_%' escape '\\'
        group by channels.channel
    ),
    sales as (
        select
            channels.channel,
            sum(net_amount) as net,
            sum(margin_amount) as margin
        from fct_sales_line
        inner join dim_channel as channels using (channel_key)
        where source_system like 'example\\_%' escape '\\'
        group by channels.channel
    )
    select
        orders.channel as "channel",
        orders.orders::bigint as "orders",
        (100 * late / nullif(late + on_time, 0))::decimal(6, 1) as "% late",
        sales.net as "net",
        (100 * sales.margin / nullif(sales.net, 0))::decimal(6, 1) as "% margin"
    from orders
    inner join sales using (channel)
    order by sales.net desc
    """,
)

COMPANY_SECTIONS = (COMPANY_TOTALS, LIFT, ORDERS)


def summarise(
    connection: duckdb.DuckDBPyConnection, system: str = ""
) -> Iterator[tuple[Section, list[str], list[tuple[Any, ...]]]]:
    """Answer each section in turn.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A published version.
    system : str, optional
        The source system that the numbers are of; the example company if empty.

    Yields
    ------
    tuple of (Section, list of str, list of tuple)
        The section, its column names, its rows.
    """
    values = {"system": system} if system else None
    for section in SECTIONS if system else COMPANY_SECTIONS:
        answer = connection.execute(section.sql, values)
        yield section, [column[0] for column in answer.description], answer.fetchall()
