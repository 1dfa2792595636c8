"""The deploy form by idea: its graph, a rule a family of layers, the passes, the way back."""
