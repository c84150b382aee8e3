from http.server import HTTPServer, SimpleHTTPRequestHandler  #! python.import.network

HTTPServer(("", 8000), SimpleHTTPRequestHandler).serve_forever()
