"""What a query counts on beside its own text: parameters, saved functions, files, watchlists."""
