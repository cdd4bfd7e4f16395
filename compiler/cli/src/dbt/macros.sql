{#- The columns of every table of answers. -#}
{% macro groma_columns() %}
  {{ return([
    COLUMNS
  ]) }}
{% endmacro %}

{#- What is set for the transaction of a refresh. -#}
{% macro groma_set() -%}
SETTINGS
{%- endmacro %}

{#- Adds to a table of answers the columns that it lacks: groupings that were declared since it was made. -#}
{% macro groma_add_columns() -%}
{% if is_incremental() %}
{% set known = adapter.get_columns_in_relation(this) | map(attribute='name') | list %}
{% for name, type in groma_columns() if name not in known %}
ALTER TABLE {{ this }} ADD COLUMN {{ adapter.quote(name) }} {{ type }};
{% endfor %}
{% endif %}
{%- endmacro %}
