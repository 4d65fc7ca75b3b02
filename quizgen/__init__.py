"""Exams and quizzes for deep-learning courses, in which every answer is computed twice."""

__version__ = "0.1.0"
