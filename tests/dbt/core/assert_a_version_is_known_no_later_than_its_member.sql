-- What a version of a member says was recorded when one of the member's rows was
-- loaded: never later than the newest of them, and never at no time.

{% set dimensions = [
    'customer', 'product', 'store', 'employee', 'plan', 'store_zone', 'household',
] %}

{% for member in dimensions -%}
select
    '{{ member }}' as member,
    {{ member }}_id as member_id,
    valid_from::timestamp as valid_from,
    recorded_at,
    loaded_at

from {{ ref('dim_plan_product' if member == 'plan' else 'dim_' ~ member) }}

where
    member_type <> 'special'
    and (recorded_at is null or recorded_at > loaded_at)
{% if not loop.last %}
union all

{% endif -%}
{% endfor %}
