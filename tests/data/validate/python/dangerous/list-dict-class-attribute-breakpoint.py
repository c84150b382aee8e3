[print, breakpoint][-1]()  #! python.breakpoint
{"debug": breakpoint}["de" + "bug"]()  #! python.breakpoint


class Tools:
    stop = breakpoint  #! python.breakpoint


Tools.stop()  #! python.breakpoint
