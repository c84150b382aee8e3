import sympy as sp

x, y = sp.symbols("x y")
expr = sp.sin(x) ** 2 + sp.cos(x) ** 2
print(sp.simplify(expr))
print(sp.integrate(sp.exp(-x), (x, 0, sp.oo)))
print(sp.sqrt(2).evalf(30))
print(sp.solve([x + y - 3, x - y - 1], [x, y]))
print(sp.diff(x**3 * y, x).subs({x: 2, y: 5}))
