"""The imperative shell: the only place where stages and edges meet. One file a workflow, named by its verb."""
