"""The reviewer's desk: what one page of it shows, and what may be done on it."""
