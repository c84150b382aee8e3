# A package pandas of the request.
import pandas
print(pandas.__file__, pandas.mine)
