"""Proof of the promise that nothing is lost and nothing is doubled: real services, made to die and to suffer.

Start reading at ``matrix.py`` (which faults there are), then ``trial.py`` (what one fault goes through) and
``audit.py`` (what is looked at afterwards, from outside). ``docs/reliability.md`` has the results.
"""
