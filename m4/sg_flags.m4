# Compiler and linker flags, each probed by linking a program with it, because a flag that the compiler takes
# may still miss its run-time library or plug-in. The user's CFLAGS, CPPFLAGS and LDFLAGS are never changed:
# ours are in AM_CFLAGS, AM_CPPFLAGS and AM_LDFLAGS, which stand in front of them.

# SG_TRY_FLAG(FLAG, VARIABLE, [CFLAGS|LDFLAGS|both]): appends FLAG to VARIABLE if a program links with it
# without a warning; else to SG_DROPPED. "both": the flag is given to the compiler and to the linker.
AC_DEFUN([SG_TRY_FLAG], [
    AC_MSG_CHECKING([whether $CC takes $1])
    sg_saved_cflags=$CFLAGS sg_saved_ldflags=$LDFLAGS
    m4_case([$3],
        [LDFLAGS], [LDFLAGS="$LDFLAGS $1"],
        [both], [CFLAGS="$CFLAGS $1"; LDFLAGS="$LDFLAGS $1"],
        [CFLAGS="$CFLAGS $1"])
    CFLAGS="$CFLAGS -Werror"
    AC_LINK_IFELSE([AC_LANG_PROGRAM([[#include <string.h>]], [[char text[32]; memset(text, 0, sizeof text); return text[3];]])],
        [AC_MSG_RESULT([yes]); $2="$$2 $1"],
        [AC_MSG_RESULT([no]); SG_DROPPED="$SG_DROPPED $1"])
    CFLAGS=$sg_saved_cflags LDFLAGS=$sg_saved_ldflags
])

# SG_TRY_FLAGS(LIST, VARIABLE, KIND)
AC_DEFUN([SG_TRY_FLAGS], [m4_foreach_w([sg_flag], [$1], [SG_TRY_FLAG(m4_defn([sg_flag]), [$2], [$3])])])

# Off again: cutting a message to its buffer is what snprintf is for here; what an initializer leaves out is zero;
# libconfuse hands on formats without saying so.
AC_DEFUN([SG_WARNINGS], [
    SG_TRY_FLAGS([-std=gnu11], [SG_CFLAGS])
    SG_TRY_FLAGS([
        -Wall -Wextra -Wshadow -Wundef -Wvla -Wformat=2 -Wpointer-arith
        -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition -Wnested-externs
        -Wredundant-decls -Wdate-time -Wimplicit-fallthrough
        -Wno-format-nonliteral -Wno-format-truncation -Wno-missing-field-initializers
        -Wlogical-op -Wduplicated-cond -Wduplicated-branches -Wnull-dereference], [SG_CFLAGS])
])

AC_DEFUN([SG_HARDENING], [
    SG_TRY_FLAGS([-fstack-protector-strong -fstack-clash-protection -fcf-protection], [SG_CFLAGS], [both])
    SG_TRY_FLAGS([-fPIE], [SG_CFLAGS])
    SG_TRY_FLAGS([-pie -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,--as-needed], [SG_LDFLAGS], [LDFLAGS])
    SG_FORTIFY
])

# _FORTIFY_SOURCE works, and does not warn, only when optimising; and it hides accesses from sanitizers.
AC_DEFUN([SG_FORTIFY], [
    AC_MSG_CHECKING([whether to use _FORTIFY_SOURCE])
    sg_fortify=no
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#ifndef __OPTIMIZE__
#error not optimising
#endif
    ]])], [sg_fortify=yes])
    AS_IF([test "x$enable_asan$enable_ubsan$enable_coverage$enable_fuzzing" != xnononono], [sg_fortify=no])
    AC_MSG_RESULT([$sg_fortify])
    AS_IF([test "x$sg_fortify" = xyes],
        [SG_TRY_FLAG([-U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2], [SG_CPPFLAGS])],
        [SG_DROPPED="$SG_DROPPED -D_FORTIFY_SOURCE=2"])
])

# sandgate-box is started for every run: without the dynamic linker that costs a quarter less, and nothing of the
# host's library path takes part. Sanitizers and coverage need their shared run-time libraries.
AC_DEFUN([SG_STATIC_BOX], [
    SG_BOX_LDFLAGS=$SG_LDFLAGS SG_STATIC=
    AS_IF([test "x$enable_asan$enable_ubsan$enable_coverage$enable_fuzzing" = xnononono],
        [SG_TRY_FLAG([-static-pie], [SG_STATIC], [LDFLAGS])])
    # Not beside -pie: clang warns of that.
    AS_IF([test "x$SG_STATIC" != x],
        [SG_BOX_LDFLAGS=`AS_ECHO(["$SG_LDFLAGS "]) | sed 's/ -pie / -static-pie /'`])
    AC_SUBST([SG_BOX_LDFLAGS])
])
])

# sandgate-template.so lives in interpreters that are not ours: no run-time library of sanitizers or coverage can go
# there, and what joins namespaces is written for one architecture so far.
AC_DEFUN([SG_TEMPLATE_LIBRARY], [
    AC_MSG_CHECKING([whether to build sandgate-template.so])
    sg_template=no
    AC_COMPILE_IFELSE([AC_LANG_SOURCE([[
#if !defined __x86_64__ || !defined __linux__
#error another architecture
#endif
    ]])], [sg_template=yes])
    AS_IF([test "x$enable_asan$enable_ubsan$enable_coverage$enable_fuzzing" != xnononono], [sg_template=no])
    AC_MSG_RESULT([$sg_template])
    AM_CONDITIONAL([SG_TEMPLATE_LIBRARY], [test "x$sg_template" = xyes])
    SG_LIBRARY_LDFLAGS=`AS_ECHO([" $SG_LDFLAGS "]) | sed 's/ -pie / -shared /'`
    AC_SUBST([SG_LIBRARY_LDFLAGS])
])
