# a tool
# vim: set fileencoding=raw_unicode_escape :  #! python.source-encoding
# nothing to see \u000aprint(1)
value = 1
