# Two files that import each other.
import one
