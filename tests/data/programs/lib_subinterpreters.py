# A second interpreter in the process.
import _xxsubinterpreters as s
i = s.create()
s.run_string(i, "import sys; print(sys.argv, __name__, 'os' in sys.modules, sys.path[:1])")
print(s.list_all(), s.get_current() == s.get_main())
s.destroy(i)
