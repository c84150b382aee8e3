# Locale and encodings.
# tiers
import sys, locale, codecs, ctypes
print(locale.setlocale(locale.LC_ALL), locale.getlocale(), locale.getpreferredencoding(), locale.getencoding())
for category in ("LC_CTYPE", "LC_NUMERIC", "LC_TIME", "LC_COLLATE", "LC_MONETARY", "LC_MESSAGES"):
    print(category, locale.setlocale(getattr(locale, category)))
print(sorted(locale.localeconv().items()))
print(sys.getdefaultencoding(), sys.getfilesystemencoding(), sys.flags.utf8_mode, locale.nl_langinfo(locale.CODESET))
print(ctypes.CDLL(None).mblen("\u00e4".encode(), 4), "{:n}".format(1234567), "%.2f" % 1.5)
for name in ("strict", "ignore", "replace", "surrogateescape", "namereplace", "surrogatepass"):
    print(codecs.lookup_error(name).__name__)
for name in ("made-up", "test.handler"):
    try:
        codecs.lookup_error(name)
    except LookupError as error:
        print(error)
