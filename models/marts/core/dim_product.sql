{#  Type 2: both hierarchies (department > class > subclass > product; manufacturer >
    brand > product), the price band and the stage of life. Type 1: name, package, unit,
    substitutes, standard cost. current_* shows the last version beside each (type 6).  #}

{% set type_2 = [
    'department', 'product_class', 'product_subclass', 'manufacturer', 'brand',
    'brand_type', 'price_band', 'lifecycle',
] %}

with

members as (

    select * from {{ dimension_members(
        'product',
        described_by='products',
        type_1=[
            'product_name', 'package_size', 'unit_of_measure', 'substitute_group',
            'standard_cost', 'is_merchandise',
        ],
        type_2=type_2,
    ) }}

),

final as (

    select
        product_key,
        product_id,
        source_product_id,
        member_type,

        coalesce(product_name, source_product_id, missing) as product_name,
        {% for attribute in type_2 -%}
        {{ attribute }},
        current_{{ attribute }},
        {% endfor -%}
        coalesce(package_size, missing) as package_size,
        coalesce(unit_of_measure, 'piece') as unit_of_measure,
        coalesce(substitute_group, missing) as substitute_group,
        standard_cost,
        coalesce(is_merchandise, true) as is_merchandise,

        is_inferred,
        valid_from,
        valid_to,
        is_current,
        recorded_at,

        source_system,
        source_record_id,
        loaded_at,
        batch_id

    from members

)

select * from final
