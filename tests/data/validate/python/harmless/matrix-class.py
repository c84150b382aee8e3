class Matrix:
    def __init__(self, rows):
        self.rows = [list(r) for r in rows]
        if len({len(r) for r in self.rows}) != 1:
            raise ValueError("rows of different lengths")

    @classmethod
    def identity(cls, n):
        return cls([[int(i == j) for j in range(n)] for i in range(n)])

    @property
    def shape(self):
        return len(self.rows), len(self.rows[0])

    @property
    def T(self):
        return Matrix(zip(*self.rows))

    def __getitem__(self, key):
        i, j = key
        return self.rows[i][j]

    def __setitem__(self, key, value):
        i, j = key
        self.rows[i][j] = value

    def __eq__(self, other):
        return isinstance(other, Matrix) and self.rows == other.rows

    def __matmul__(self, other):
        columns = list(zip(*other.rows))
        return Matrix([[sum(a * b for a, b in zip(r, c)) for c in columns] for r in self.rows])

    def __pow__(self, n):
        result, base = Matrix.identity(len(self.rows)), self
        while n:
            if n & 1:
                result = result @ base
            base, n = base @ base, n >> 1
        return result

    def determinant(self):
        if len(self.rows) == 1:
            return self.rows[0][0]
        total = 0
        for j, x in enumerate(self.rows[0]):
            minor = Matrix([r[:j] + r[j + 1 :] for r in self.rows[1:]])
            total += (-1) ** j * x * minor.determinant()
        return total

    def __repr__(self):
        return f"{self.__class__.__name__}({self.rows})"


fib = Matrix([[1, 1], [1, 0]]) ** 30
print(fib[0, 1], fib.shape, Matrix([[2, 0], [1, 3]]).determinant(), Matrix([[1, 2, 3]]).T)
