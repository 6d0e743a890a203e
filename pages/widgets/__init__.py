"""The parts that labs share: the drawing pad, the control form, live figures."""
