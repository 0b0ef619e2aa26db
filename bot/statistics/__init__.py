"""Statistics: the formulas that all decisions share, each a pure function of counts."""
