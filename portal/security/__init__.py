"""One's own security: password, address, second factors, where one is signed in."""
