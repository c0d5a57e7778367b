"""The nights: each closed UTC day every open stay is decided on anew, from its daily contacts and nothing before."""
