"""The author's tools: make courses and exercises, rebuild the three views, prove an assignment, make sample classes."""
