"""What a number was at any instant: its state, who had it, what it carried, on which papers."""
