{#  Grain: one row a system, fact, measure, disposition and business day.  #}

{{ union_packs('source_totals') }}
