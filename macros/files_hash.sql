{#  A hash of the files of the project that match some patterns, such as
    'macros/**/*.sql'. They are read once a run: the answer is kept with the graph.  #}
{% macro files_hash(patterns) -%}
    {%- set answers = graph.setdefault('files_hashes', {}) -%}
    {%- set question = patterns | join(' ') -%}
    {%- if question not in answers -%}
        {%- set globs = [] -%}
        {%- for pattern in patterns -%}
            {%- do globs.append(
                "'" ~ flags.PROJECT_DIR | replace("'", "''") ~ '/' ~ pattern ~ "'"
            ) -%}
        {%- endfor -%}
        {%- do answers.update({question: run_query("
            select md5(coalesce(string_agg(md5(content), '' order by filename), ''))
            from read_text([" ~ globs | join(', ') ~ "])
        ").rows[0][0]}) -%}
    {%- endif -%}
    {{ return(answers[question]) }}
{%- endmacro %}
