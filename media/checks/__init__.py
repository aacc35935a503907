"""What in the content itself people should know before it reaches a wall. Nothing here opens a file."""
