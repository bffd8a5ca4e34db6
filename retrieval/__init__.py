"""An article in, a cited answer out; knows no front end.

In reading order: ``domain`` (the nouns), ``interfaces`` (what the parts expect of one another),
``documents`` (source → document), ``sentences`` and ``passages`` (document → passages),
``embeddings`` and ``words`` (what is searched), ``index`` (kept on disk), ``search`` (question →
passages), ``reader`` (passages → answer spans), ``speakers`` and ``evidence`` (answer spans →
quotable sentences), ``answers`` (evidence → answer). ``indexing`` composes the write path,
``answering`` the read path; ``vector_store``, ``retriever`` and ``chain`` are their LangChain
faces. ``chat_answering`` puts a chat model before the read path, and ``gate`` decides what of its
statements is shown.
"""
