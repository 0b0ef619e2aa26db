"""The three agents: what each may answer, how its answer is read, and what it is told. No agent judges anything."""
