"""Mining: what customers will do, as pure functions over frames.

No function here knows a database, a clock or hidden randomness: the same frames give
the same frames. What is too thin to judge comes back as a status with a reason, never
as a made-up score. Import the module that you need.

::

    outcome      the status of a fit or a score, and its reason
    frames       what every function checks of the frames it is given
    parts        a relation of a database, fetched part by part, and put together
    summaries    orders to (x, t_x, T) per customer, and to groups of equal customers
    fitting      maximum likelihood with standard errors and notice of boundaries
    predicting   what models of repeat buying share when they predict
    bg_nbd       repeat buying without a contract, Fader, Hardie and Lee (2005)
    pareto_nbd   the same, Schmittlein, Morrison and Colombo (1987)
    gamma_gamma  value of an order, Fader and Hardie (2013)
    clv          value of a customer over a horizon, from the three above
    itemsets     frequent sets of items, exactly
    affinity     association rules and their tests
    halo         how much more is bought beside an item than beside others
    stock_out    what baskets lose beside a product while it is out of stock
    sequence     which of two items comes first, and what follows within days
    sequence_table  rules of what follows what, from counts, and judged
    gains        what is held from the best score to the worst, rows counted any times
    evaluation   a score or a forecast against what came
    comparison   a model against its baseline: paired intervals, a verdict
    ranking      lists of recommendations against what was bought
    rhythm       a customer's own purchase rhythm: when due, how late, which stage
    migration    moves between states, forecast of stock, bridge of revenue
    migration_table  the same of several schemes and quarters, from counts
    segments     clusters chosen by stability, with labels that keep their meaning
    segment_table  the same of all customers, drawn once a year and judged
    churn        who leaves: calibrated log odds whose parts are the reasons
    forecast     short series: two simple forecasts, two models, intervals, verdict
    reconciliation  forecasts of parts and totals made to add up
    recommend    next products by items that the same customers buy
"""
