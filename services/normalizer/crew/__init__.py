"""The processes that share the work on a file, so that it goes as fast as the task's vCPUs allow.

Imports nothing: each of the processes imports the package, and what it does not need is memory of the task.
"""
