{#  The one list of members that every dimension has beside its own rows, so that
    no fact row ever has a null key and totals keep what cannot be named.

    unknown         should have a member, and the source does not say which
    anonymous       cannot have one: a cash sale, a counted visitor
    not_applicable  the question makes no sense: a web order has no store
    erased          was a person who asked to be forgotten

    Read it through special_members (rows) and special_key (one key).  #}
{% macro special_member_list() -%}
    {{ return([
        {'key': -1, 'id': 'unknown', 'label': 'Unknown'},
        {'key': -2, 'id': 'anonymous', 'label': 'Anonymous'},
        {'key': -3, 'id': 'not_applicable', 'label': 'Not applicable'},
        {'key': -4, 'id': 'erased', 'label': 'Erased'},
    ]) }}
{%- endmacro %}
