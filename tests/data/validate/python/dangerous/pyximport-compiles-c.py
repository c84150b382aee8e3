import pyximport as px  #! python.import.build

px.install(language_level=3)
import fast_module
