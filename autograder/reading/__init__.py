"""What meets a submission's text, in an expendable process of its own: it reads, and never runs.

Finding by content, reading, repairing, looking for loops and names, fingerprinting: what a text costs, it costs this
process, which has limits of time and memory, no network and no file to write. When it is lost, the next one is started.
"""
