"""The embedded PostgreSQL: started, kept alive and stopped with Rujukan."""
