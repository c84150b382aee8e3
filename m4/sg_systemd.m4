# Where the units of systemd and its lists of users and directories go, and whose group nginx's workers have.

# SG_SYSTEMD: by default below the prefix, where systemd looks with /usr and with /usr/local.
AC_DEFUN([SG_SYSTEMD], [
    AC_ARG_WITH([systemdsystemunitdir], [AS_HELP_STRING([--with-systemdsystemunitdir=DIR],
        [units of systemd (default: PREFIX/lib/systemd/system; yes: where pkg-config says; no: none)])],
        [], [with_systemdsystemunitdir='${prefix}/lib/systemd/system'])
    AS_IF([test "x$with_systemdsystemunitdir" = xyes],
        [with_systemdsystemunitdir=`$PKG_CONFIG --variable=systemdsystemunitdir systemd`
         AS_IF([test "x$with_systemdsystemunitdir" = x],
            [AC_MSG_ERROR([pkg-config does not know systemd: give --with-systemdsystemunitdir a directory])])])
    AC_SUBST([systemdsystemunitdir], [$with_systemdsystemunitdir])
    AM_CONDITIONAL([SG_SYSTEMD], [test "x$with_systemdsystemunitdir" != xno])

    AC_ARG_WITH([web-group], [AS_HELP_STRING([--with-web-group=GROUP],
        [group of nginx's workers, which may connect to ours (default: www-data)])], [], [with_web_group=www-data])
    AC_SUBST([SG_WEB_GROUP], [$with_web_group])
])
