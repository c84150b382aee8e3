# -*- coding: utf-7 -*-  #! python.source-encoding
# nothing to see +AAo-print(1)
value = 1
