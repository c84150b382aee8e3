getattr(__builtins__, b"\x65\x78\x65\x63".decode())("print(1)")  #! python.builtins python.exec
