"""Load generators and measurements, each one command: `python -m bench.relay`, `python -m bench.queue`, …"""
