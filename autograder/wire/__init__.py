"""The protocol between the trusted side and the worker: frames, messages and plain values."""
