"""How fast and how large Ibid is, each figure a ratio to something that ran beside it.

``cold`` (a question from nothing), ``indexing`` (passages per second), ``scale`` (10,000 to
1,000,000 passages), ``warm`` (question after question). Each measures, writes one JSON file under
``results/`` and brings its table in the two Markdown files up to date (``records``).
"""
