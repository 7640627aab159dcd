"""Small models of the protocols, explored to the last state; README.md maps their actions to the code."""
