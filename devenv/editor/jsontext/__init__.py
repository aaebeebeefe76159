"""JSON as text: where its values stand (scan, skim), how a change is laid out (layout) and made (weave, rewrite)."""
