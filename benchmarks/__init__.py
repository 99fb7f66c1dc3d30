"""What is measured. Each file is a command: `python -m benchmarks.NAME`."""
