"""A second reading of the language: definitions evaluated by plain loops over rows.

Nothing here knows SQL, pandas, or how the planner works; every function says which clause of the language it is.
"""
