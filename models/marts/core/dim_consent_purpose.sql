{#  Grain: one purpose on one legal basis, and one row a special member. Type 1: the
    seed as it is.  #}

with

purposes as (

    select * from {{ ref('consent_purpose') }}

),

final as (

    select
        {{ surrogate_key(['purpose_code', 'legal_basis']) }} as consent_purpose_key,
        'consent_purpose' as member_type,
        purpose_code,
        legal_basis,
        purpose,
        regulation,
        default_status

    from purposes

    union all

    select
        member_key as consent_purpose_key,
        'special' as member_type,
        member_id as purpose_code,
        member_id as legal_basis,
        member_label as purpose,
        member_label as regulation,
        member_label as default_status

    from {{ special_members() }}

)

select * from final
