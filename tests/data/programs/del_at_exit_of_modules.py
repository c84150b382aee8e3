# Modules of the request go too.
import holder, sys
holder.keep()
print("end of main")
