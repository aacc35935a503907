"""The console's content: what there is to show, its labels and rights, who approves it, how it comes in."""
