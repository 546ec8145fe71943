"""
Charts: figures of plotly from plain columns, for notebooks and reports alike.

Nothing here knows of results: who draws hands in names, times and values. plotly is imported when a figure is drawn.
"""
