"""/compliance/v1: what a customer owes the people whose data it gave us. An extension of ours."""
