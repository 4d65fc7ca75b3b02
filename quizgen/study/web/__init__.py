"""Self-study in the browser: pages for one learner on loopback, or for a class. They work without JavaScript, offline.

A page is a function of a ``visit``; modules of pages (``home``, ``questions``) list theirs in tables that ``app`` puts
together. ``desk`` keeps the questions that are being answered, ``views`` and ``pages`` put them into HTML, ``guard``
refuses what no page of ours has sent, ``server`` starts it all.
"""
