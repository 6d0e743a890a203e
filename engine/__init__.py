"""Generative models that all answer the same three questions: estimate, evaluate, sample.

Nothing here imports Streamlit: the package works the same in the app, a notebook or a script.
"""
