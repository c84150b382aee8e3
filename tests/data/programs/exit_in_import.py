# A module of the request that exits while being imported.
print("before")
import leaving
print("never")
