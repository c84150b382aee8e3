mine = "the request's own"
