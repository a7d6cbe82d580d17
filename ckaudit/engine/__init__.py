"""The life of a finding, a file a stage, in this order:

``load`` (with ``rule_docs`` and ``relations``), ``policy`` and ``configure``: which rules there are; ``select``: which of them run. Then,
as ``pipeline`` has it: ``needs``, ``run`` and ``run_on_observed``, ``defaults``, ``fingerprint``, ``head_counts``, ``precedence``,
``suppress``, ``fold``, ``score`` and ``assemble``, ``anonymise``. Afterwards ``baseline`` and ``exit_status``.

No rule is known by its code here.
"""
