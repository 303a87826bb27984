"""The HTTP face: routes, authentication, problem details."""
