{#  Whether a stock code of Online Retail names goods: five digits and letters,
    the DCGS and gift ranges, PADS. All else (POST, M, D, BANK CHARGES, …) is a
    charge, a discount or an entry of the books.  #}
{% macro is_article(code) -%}
    regexp_matches({{ code }}, '^([0-9]{5}|DCGS|GIFT_|PADS$)')
{%- endmacro %}
