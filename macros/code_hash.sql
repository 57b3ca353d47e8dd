{#  A hash of all that decides what a model's rows are besides the raw zone: its own
    SQL and that of all models and seeds before it, all macros, and the variables. An
    incremental model whose hash has changed is rebuilt.  #}
{% macro code_hash(unique_id) -%}
    {%- set answers = graph.setdefault('code_hashes', {}) -%}
    {%- if unique_id in answers -%}
        {{ return(answers[unique_id]) }}
    {%- endif -%}
    {%- set waiting = [unique_id] -%}
    {%- set seen = [unique_id] -%}
    {%- set sums = [] -%}
    {%- for _ in range(10000) if waiting -%}
        {%- set node = graph.nodes[waiting.pop()] -%}
        {%- do sums.append(node.name ~ node.checksum.checksum) -%}
        {%- for parent in (node.depends_on.nodes or [])
            if parent in graph.nodes and parent not in seen -%}
            {%- do seen.append(parent) -%}
            {%- do waiting.append(parent) -%}
        {%- endfor -%}
    {%- endfor -%}
    {%- set macros = files_hash(['macros/**/*.sql']) -%}
    {%- set variables = [] -%}
    {%- for name in [
        'packs', 'as_of', 'active_months', 'fiscal_year_start_month',
        'fiscal_week_start_day',
    ] -%}
        {%- do variables.append(tojson(var(name), sort_keys=true)) -%}
    {%- endfor -%}
    {%- do variables.append(as_known_on()) -%}
    {%- set hash = local_md5(
        sums | sort | join('|') ~ macros ~ variables | join('|')
    ) -%}
    {%- do answers.update({unique_id: hash}) -%}
    {{ return(hash) }}
{%- endmacro %}
