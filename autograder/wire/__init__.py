"""What the trusted side and the worker speak: frames, messages and plain values."""
