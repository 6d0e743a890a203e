"""What labs share: the control form, explanations, tables, the tabs."""
