"""SQL of plans, as sqlglot trees."""
