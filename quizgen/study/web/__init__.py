"""Self-study in the browser: pages on loopback for one learner. They work without JavaScript, and offline.

``app`` has the addresses, ``desk`` keeps the questions that are being answered, ``views`` and ``pages`` put them into
HTML, ``guard`` refuses what no page of ours has sent, ``server`` starts it all.
"""
