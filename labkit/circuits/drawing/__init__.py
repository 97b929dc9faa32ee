"""Draws a plan as SVG: one drawing for documents, paper and, made live, notebooks."""
