"""The no-Docker start of Placement Hub: real servers from packages, the services, the sample region."""
