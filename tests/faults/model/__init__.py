"""A whole deployment in memory and in virtual time, whose every call to AWS the test lets happen, or not.

The services are the real ones, from the loop that polls to the handlers; only AWS and the clock are made up.
Start reading at ``machine.py``.
"""
