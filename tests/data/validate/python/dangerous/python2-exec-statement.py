exec "import math"  #! python.exec
