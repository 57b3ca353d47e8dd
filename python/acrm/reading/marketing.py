"""Five lines of a published version that a marketing manager wants to read.

Each is a number of the mining tables, with the verdict on what it rests on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import duckdb

_BASE = """
    select
        'The base closed ' || strftime(date_key, '%B %Y') || ' with '
        || format('{:,}', closing_count) || ' customers: '
        || format('{:,}', opening_count) || ' before, '
        || case when redefined_count <> 0
            then if(redefined_count > 0, '+', '') || format('{:,}', redefined_count)
                || ' by the new yearly definition, '
            else '' end
        || format('{:,}', new_count) || ' new, '
        || format('{:,}', reactivated_count) || ' back, '
        || format('{:,}', lapsed_count) || ' lapsed.',
        case
            when opening_count + redefined_count + new_count + reactivated_count
                - lapsed_count = closing_count
                then 'balances to the unit'
            else 'does not balance'
        end
    from fct_base_movement
    where id_space = $system
    order by date_key desc
    limit 1
"""
_LATE = """
    select
        format('{:,}', count(*)) || ' of the most valuable fifth are late or lapsed by'
        || ' their own rhythm; they brought '
        || format('{:,}', sum(monetary)::bigint) || ' ' || any_value(currency_code)
        || ' in a year.',
        case any_value(verdict)
            when 'better' then 'own rhythm tells better than days since the last order'
            when 'not_better'
                then 'own rhythm tells no better than days since the last order'
            else 'not enough data to judge'
        end
    from customer_rfm
    where
        id_space = $system
        and value_tier = 'high'
        and lifecycle_stage in ('at_risk', 'lapsed', 'former')
    group by currency_code
    order by count(*) desc, currency_code
    limit 1
"""
_VALUE = """
    select
        'The most valuable fifth of ' || format('{:,}', count(*))
        || ' customers will bring '
        || round(100 * sum(clv) filter (clv_tier = 'high') / sum(clv))::integer
        || ' % of the next year''s ' || format('{:,}', sum(clv)::bigint) || ' '
        || currency_code || ' of ' || any_value(value_basis)
        || case when count(*) filter (method = 'model') > 0
            then ', by the model.' else ', by the naive baseline.' end,
        case any_value(verdict)
            when 'better' then 'model ranks better than last year''s value'
            when 'not_better' then 'model ranks no better than last year''s value'
            else 'not enough data to judge'
        end
    from customer_clv
    where id_space = $system and clv is not null
    group by currency_code
    having sum(clv) > 0
    order by count(*) desc, currency_code
    limit 1
"""
_RULE = """
    select
        'Baskets with ' || antecedent_name || ' hold ' || consequent_name || ' '
        || round(lift, 1) || ' times as often as chance ('
        || round(100 * confidence)::integer || ' % do)'
        || case when direction = 'forward'
            then '; it follows within 30 days after '
                || round(100 * followed_rate_30)::integer || ' %, the other way round '
                || round(100 * preceded_rate_30)::integer || ' %.'
            else '.' end,
        case verdict
            when 'better' then 'rules went on to hold in later baskets'
            when 'not_better' then 'rules held no better than chance later'
            else 'not enough data to judge'
        end
    from product_affinity
    where id_space = $system and level = 'class' and rule_rank = 1
"""
_LINES = (
    ("example", _BASE),
    ("example", _LATE),
    ("example", _VALUE),
    ("example", _RULE),
    ("complete_journey", _VALUE),
)


def marketing_lines(
    connection: duckdb.DuckDBPyConnection,
) -> list[tuple[str, str, str]]:
    """Return the lines of the demo's two companies.

    Parameters
    ----------
    connection : DuckDBPyConnection
        A published version.

    Returns
    -------
    list of (str, str, str)
        The company, the sentence, and the verdict; a company of which there is nothing
        to say has no line.
    """
    found: list[tuple[str, str, str]] = []
    for system, sql in _LINES:
        row: tuple[Any, ...] | None = connection.execute(
            sql, {"system": system}
        ).fetchone()
        if row is not None:
            found.append((system, str(row[0]), str(row[1])))
    return found
