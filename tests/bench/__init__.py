"""Speed as ratios, each against a peer or a limit measured in the same run. A tool, not a test."""
