"""Learning: from failures to patterns, to protocol pull requests, to trials, to decisions.

One file a workflow, each a tick that can be taken at any time, by any worker, any number of times: what it finds done
it leaves alone. `tick.py` says in which order the service takes them.
"""
