"""HTTP in and out: one router per resource, the schemas, the errors."""
