"""GitHub's JSON, built from the state: complete objects, so that GitHub's own OpenAPI accepts every one of them."""
