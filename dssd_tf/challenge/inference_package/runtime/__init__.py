"""What every inference package carries: copied into it, and free of all but what it requires.

These modules import each other, NumPy, SciPy, soundfile and soxr; ai-edge-litert and torch only
where they are installed.
"""
