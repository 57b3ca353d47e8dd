{#  Grain: one row a cell (programme > campaign > wave > cell), control cells
    included. Type 1.  #}

{% set texts = [
    'programme', 'campaign_name', 'wave', 'cell_name', 'objective', 'treatment_code',
    'control_type',
] %}

with

members as (

    select * from {{ dimension_members(
        'cell',
        described_by='campaign_cells',
        type_1=texts
            + [
                'source_campaign_id', 'channel_code', 'source_offer_id', 'starts_on',
                'ends_on',
            ],
    ) }}

),

channels as (

    select * from {{ ref('channel') }}

),

final as (

    select
        members.cell_key,
        members.cell_id,
        members.source_cell_id,
        members.member_type,

        coalesce(
            {{ durable_id('members.source_campaign_id', 'members.id_space') }},
            'unknown'
        ) as campaign_id,
        {% for attribute in texts -%}
        coalesce(members.{{ attribute }}, members.missing) as {{ attribute }},
        {% endfor -%}
        coalesce(channels.channel, members.missing) as planned_channel,
        coalesce(members.control_type in ('campaign', 'universal'), false)
            as is_control,
        case
            when members.member_type = 'special' then members.cell_id
            else
                coalesce(
                    {{ durable_id('members.source_offer_id', 'members.id_space') }},
                    case
                        when members.is_inferred then 'unknown'
                        else 'not_applicable'
                    end
                )
        end as planned_offer_id,
        members.starts_on,
        members.ends_on,

        members.is_inferred,
        members.source_system,
        members.source_record_id,
        members.loaded_at,
        members.batch_id

    from members

    left join channels
        on members.channel_code = channels.channel_code

)

select * from final
