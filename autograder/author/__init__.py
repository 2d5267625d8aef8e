"""What an author uses: rebuild the three views of the assignment, and see that they agree."""
