"""Everything that touches Streamlit: one lab a file."""
