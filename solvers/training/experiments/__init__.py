"""The experiments, one a file. Adding one touches this folder, and the words of its questions."""
