"""The pages: server-rendered, thin over the same use cases as the API; work without JavaScript and better with it."""
