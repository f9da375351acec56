"""The real servers tests run on, and the fixtures that hand them out.

servers.py     which PostgreSQL and Kafka: a given address, else containers, else plain processes
containers.py  the container way                       sharing.py    one server for all workers of a parallel run
databases.py   a fresh database for a test, fast       fixtures.py   the fixtures
"""
