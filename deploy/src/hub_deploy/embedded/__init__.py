"""Real servers as plain processes, without Docker and without root: PostgreSQL 18, Apache Kafka 4.1, a mail catcher.

postgres.py   PostgreSQL from the binaries of a wheel      pg_binaries.py  where they are, and as whom they run
kafka.py      one KRaft broker                             jars.py, quick_start.py, broker_config.py
topics.py     the topics of deploy/kafka/topics.yml        mail.py         keeps mails instead of delivering them
process.py    a child that cannot outlive its parent       cache.py        what is fetched or made once per machine
"""
