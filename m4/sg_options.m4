# The switches of configure, and what they do to the flags.

# SG_SWITCH(NAME, HELP): --enable-NAME, default no, as enable_NAME=yes|no
AC_DEFUN([SG_SWITCH], [
    AC_ARG_ENABLE([$1], [AS_HELP_STRING([--enable-$1], [$2])], [], [enable_$1=no])
])

AC_DEFUN([SG_BUILD_OPTIONS], [
    SG_CFLAGS= SG_CPPFLAGS= SG_LDFLAGS= SG_DROPPED=
    SG_SWITCH([werror], [make each compiler warning an error])
    SG_SWITCH([asan], [build with the address sanitizer])
    SG_SWITCH([ubsan], [build with the undefined behaviour sanitizer])
    SG_SWITCH([coverage], [build with gcov's counters])
    SG_SWITCH([fuzzing], [build tests/fuzz with clang's libFuzzer])
])

# SG_NEED(SWITCH, FLAGS): a feature that was asked for is never dropped.
AC_DEFUN([SG_NEED], [
    AS_IF([test "x$enable_$1" = xyes], [
        sg_saved_dropped=$SG_DROPPED SG_NEEDED=
        SG_TRY_FLAG([$2], [SG_NEEDED], [both])
        AS_IF([test "x$SG_DROPPED" != "x$sg_saved_dropped"],
            [AC_MSG_ERROR([--enable-$1: $CC cannot link with $2])])
        SG_CFLAGS="$SG_CFLAGS $SG_NEEDED" SG_LDFLAGS="$SG_LDFLAGS $SG_NEEDED"
    ])
])

AC_DEFUN([SG_BUILD_OPTIONS_APPLY], [
    SG_NEED([asan], [-fsanitize=address -fno-omit-frame-pointer])
    SG_NEED([ubsan], [-fsanitize=undefined -fno-sanitize-recover=undefined])
    SG_NEED([coverage], [--coverage])
    SG_FUZZ_LDFLAGS=
    AS_IF([test "x$enable_fuzzing" = xyes], [
        SG_NEED([fuzzing], [-fsanitize=fuzzer-no-link])
        SG_FUZZ_LDFLAGS=-fsanitize=fuzzer
    ])
    AS_IF([test "x$enable_werror" = xyes], [SG_CFLAGS="$SG_CFLAGS -Werror"])
    AM_CONDITIONAL([SG_FUZZING], [test "x$enable_fuzzing" = xyes])
    AC_SUBST([SG_CFLAGS])
    AC_SUBST([SG_CPPFLAGS])
    AC_SUBST([SG_LDFLAGS])
    AC_SUBST([SG_FUZZ_LDFLAGS])
    AC_SUBST([SG_DROPPED])
])

# libfcgi has no pkg-config file in Debian 12.
AC_DEFUN([SG_LIB_FCGI], [
    AC_ARG_VAR([FCGI_CFLAGS], [C compiler flags for libfcgi])
    AC_ARG_VAR([FCGI_LIBS], [linker flags for libfcgi])
    AS_IF([test "x$FCGI_LIBS" = x], [FCGI_LIBS=-lfcgi])
    sg_saved_libs=$LIBS sg_saved_cppflags=$CPPFLAGS
    LIBS="$FCGI_LIBS $LIBS" CPPFLAGS="$CPPFLAGS $FCGI_CFLAGS"
    AC_MSG_CHECKING([for libfcgi])
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <fcgiapp.h>]], [[return FCGX_Init();]])],
        [AC_MSG_RESULT([yes])],
        [AC_MSG_RESULT([no]); AC_MSG_ERROR([libfcgi is missing (Debian: libfcgi-dev)])])
    LIBS=$sg_saved_libs CPPFLAGS=$sg_saved_cppflags
])

# sandgate-docker needs libcurl; without it the rest is built all the same.
AC_DEFUN([SG_LIB_CURL], [
    AC_ARG_WITH([docker], [AS_HELP_STRING([--without-docker],
        [do not build sandgate-docker (default: build it where libcurl is)])], [], [with_docker=auto])
    sg_docker=no
    AS_IF([test "x$with_docker" != xno], [
        PKG_CHECK_MODULES([CURL], [libcurl >= 7.85], [sg_docker=yes], [
            AS_IF([test "x$with_docker" = xyes], [AC_MSG_ERROR([libcurl 7.85 or newer is missing (Debian: libcurl4-openssl-dev)])])
            sg_docker="no (libcurl 7.85 or newer is missing)"])])
    AM_CONDITIONAL([SG_DOCKER], [test "x$sg_docker" = xyes])
])

# The runtime of tree-sitter: the one that ./bootstrap fetches, or the system's. 0.25 has the parser's and the query's
# progress callbacks, by which time is bounded; versions before 0.22 corrupt memory on hostile input.
AC_DEFUN([SG_LIB_TREE_SITTER], [
    AC_ARG_WITH([system-tree-sitter], [AS_HELP_STRING([--with-system-tree-sitter],
        [link the system's tree-sitter (0.25 or newer)])], [], [with_system_tree_sitter=no])
    AS_IF([test "x$with_system_tree_sitter" != xno],
        [PKG_CHECK_MODULES([TREE_SITTER], [tree-sitter >= 0.25])],
        [sg_tree_sitter='$(top_srcdir)/core/validate/grammars/tree-sitter/vendor/tree-sitter/lib'
         TREE_SITTER_CFLAGS="-I$sg_tree_sitter/include -I$sg_tree_sitter/src" TREE_SITTER_LIBS=
         AC_SUBST([TREE_SITTER_CFLAGS])
         AC_SUBST([TREE_SITTER_LIBS])
         AS_IF([test ! -e "$srcdir/core/validate/grammars/tree-sitter/vendor/tree-sitter/lib/src/lib.c"],
            [AC_MSG_ERROR([tree-sitter is missing: run ./bootstrap, which fetches it])])])
    AM_CONDITIONAL([SG_SYSTEM_TREE_SITTER], [test "x$with_system_tree_sitter" != xno])
    SG_VENDOR_CFLAGS=-w
    AC_SUBST([SG_VENDOR_CFLAGS])
])

AC_DEFUN([SG_SUMMARY], [
    sg_dropped=`echo $SG_DROPPED`
    AS_ECHO(["
  sandgate $PACKAGE_VERSION
    compiler:   $CC
    CFLAGS:     $CFLAGS (yours)
    ours:      $SG_CPPFLAGS$SG_CFLAGS
    linker:    $SG_LDFLAGS
    switches:   werror=$enable_werror asan=$enable_asan ubsan=$enable_ubsan coverage=$enable_coverage fuzzing=$enable_fuzzing
    unit tests: $sg_have_cmocka
    docker:     $sg_docker
    dropped:    ${sg_dropped:-none}
"])
])
