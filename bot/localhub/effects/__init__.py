"""Changes that more than one door leads to (REST, GraphQL, git, Actions), each with the events that follow from it."""
