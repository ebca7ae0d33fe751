"""Plans: a dated series of tasks relative to an anchor, made from a template."""
