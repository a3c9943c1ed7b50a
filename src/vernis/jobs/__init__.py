"""The worker: a sweep finds what there is to do in the tables, jobs are hints to do it now.

Nothing is lost with a job: `sweep` finds it again. So jobs are deleted when they end, well or
badly, and the tables of Procrastinate are made anew where another version made them.
"""
