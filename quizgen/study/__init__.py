"""Self-study: what is due, questions with fresh numbers, answers that are kept.

``curriculum`` says in which order families are met, ``schedule`` when they come back, ``store`` keeps every answer of
every learner, ``session`` puts the three together. Whoever shows the questions passes the time; nothing here reads a
clock.
"""
