"""What is served over HTTP: the webhook receiver, the API and the dashboard."""
