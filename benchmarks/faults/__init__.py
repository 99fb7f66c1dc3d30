"""What is left of trainings whose processes are killed at random moments."""
