"""The yard: one picture of the stock. It lives here because both the console and the portal show it."""
