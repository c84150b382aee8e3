/* How the doctor looks at things: words, ranges of ids, rights of people, other programs. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "core/base/cleanup.h"
#include "fcgi/doctor/internal.h"

static void test_words(void **state)
{
    (void)state;
    assert_true(sg_doctor_has_word("cpuset cpu memory\n", "cpu"));
    assert_true(sg_doctor_has_word("a,landlock", "landlock"));
    assert_false(sg_doctor_has_word("cpuset cpuacct", "cpu"));
    assert_false(sg_doctor_has_word("", "cpu"));
}

static void test_subid(void **state)
{
    (void)state;
    static const char text[] = "# none\nalice:100000:65536\nbob:x:y\n1001:200000:2\nlast:300000:9";
    uint64_t first = 0, count = 0;
    char owner[64];
    assert_int_equal(sg_subid_find(text, "alice", 1, &first, &count), 0);
    assert_true(first == 100000 && count == 65536);
    assert_int_equal(sg_subid_find(text, NULL, 1001, &first, &count), 0);
    assert_true(first == 200000 && count == 2);
    assert_int_equal(sg_subid_find(text, "last", 5, &first, &count), 0);
    assert_true(first == 300000 && count == 9);
    assert_int_equal(sg_subid_find(text, "bob", 5, &first, &count), -ENOENT);
    assert_int_equal(sg_subid_find("", "alice", 5, &first, &count), -ENOENT);

    assert_int_equal(sg_subid_free(text, 100000, 34464), 165536);
    assert_int_equal(sg_subid_free(text, 100000, 34465), 200002);
    assert_int_equal(sg_subid_free(text, 100000, 100000), 300009);
    assert_int_equal(sg_subid_free(text, 400000, 65536), 400000);
    assert_int_equal(sg_subid_free("", 100000, 65536), 100000);
    /* Their order does not matter, nor that one reaches to the end. */
    assert_int_equal(
        sg_subid_free("a:165536:1\nb:2147483647:2147483648\nc:100000:65536\n", 100000, 65536),
        165537);

    assert_true(sg_subid_meets(text, 165535, 10, owner, sizeof owner));
    assert_string_equal(owner, "alice");
    assert_true(sg_subid_meets(text, 1, UINT32_MAX, owner, sizeof owner));
    assert_false(sg_subid_meets(text, 165536, 100, owner, sizeof owner));
    assert_false(sg_subid_meets(text, 99990, 10, owner, sizeof owner));
}

static void test_rights(void **state)
{
    (void)state;
    const struct sg_person p = {.uid = 10, .groups = {20, 21}, .ngroups = 2};
    const struct sg_person root = {.uid = 0};
    static const struct {
        mode_t mode;
        uid_t uid;
        gid_t gid;
        int what;
        bool may;
    } rows[] = {
        {0600, 10, 99, W_OK, true}, {0060, 10, 20, W_OK, false}, /* the owner's bits alone count */
        {0060, 99, 21, W_OK, true}, {0006, 99, 21, W_OK, false}, {0006, 99, 99, W_OK, true},
        {0710, 99, 20, X_OK, true}, {0750, 99, 99, X_OK, false}, {0060, 99, 20, W_OK | R_OK, true},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        print_message("%zu\n", i);
        assert_int_equal(sg_person_may(&p, rows[i].mode, rows[i].uid, rows[i].gid, rows[i].what),
                         rows[i].may);
        assert_true(sg_person_may(&root, rows[i].mode, rows[i].uid, rows[i].gid, rows[i].what));
    }
}

static void test_people(void **state)
{
    (void)state;
    struct sg_person p;
    assert_true(sg_person_find("root", &p));
    assert_true(p.uid == 0 && p.ngroups >= 1);
    assert_true(sg_person_find("0", &p));
    assert_string_equal(p.name, "root");
    assert_true(sg_person_find("3999999999", &p)); /* has no entry, and needs none */
    assert_true(p.uid == 3999999999u && p.ngroups == 0);
    assert_false(sg_person_find("nobody-has-this-name", &p));
}

static void test_way_to_a_socket(void **state)
{
    (void)state;
    char dir[] = "/tmp/sandgate-test-look.XXXXXX", path[100], where[100];
    const struct sg_person stranger = {.uid = 4000000001u};
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/s", dir);
    assert_int_equal(sg_person_may_connect(&stranger, path, where, sizeof where), 0);
    assert_string_equal(where, dir); /* mkdtemp(3) makes it 0700 */
    assert_int_equal(chmod(dir, 0711), 0);
    assert_int_equal(sg_person_may_connect(&stranger, path, where, sizeof where), -ENOENT);
    assert_int_equal(mknod(path, S_IFIFO | 0600, 0), 0);
    assert_int_equal(sg_person_may_connect(&stranger, path, where, sizeof where), 0);
    assert_string_equal(where, path);
    assert_int_equal(chmod(path, 0602), 0);
    assert_int_equal(sg_person_may_connect(&stranger, path, where, sizeof where), 1);
    unlink(path);
    rmdir(dir);
}

static int listen_at(const char *path, int type)
{
    struct sockaddr_un sa = {.sun_family = AF_UNIX};
    snprintf(sa.sun_path, sizeof sa.sun_path, "%s", path);
    int sock = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);
    assert_true(sock >= 0);
    assert_int_equal(bind(sock, (const struct sockaddr *)&sa, sizeof sa), 0);
    assert_int_equal(listen(sock, 0), 0);
    return sock;
}

/* A socket that nobody closes the door of is not one that somebody stands behind. */
static void test_who_listens(void **state)
{
    (void)state;
    char dir[] = "/tmp/sandgate-test-look.XXXXXX", path[100];
    assert_non_null(mkdtemp(dir));
    snprintf(path, sizeof path, "%s/s", dir);
    assert_int_equal(sg_doctor_listens(path), -ENOENT);
    assert_int_equal(mknod(path, S_IFREG | 0666, 0), 0);
    assert_int_equal(sg_doctor_listens(path), -ENOTSOCK);
    unlink(path);
    int sock = listen_at(path, SOCK_STREAM);
    for (int i = 0; i < 3; i++) /* more than it has room for: nobody takes them */
        assert_int_equal(sg_doctor_listens(path), 0);
    close(sock);
    assert_int_equal(sg_doctor_listens(path), -ECONNREFUSED);
    unlink(path);
    sock = listen_at(path, SOCK_SEQPACKET);
    assert_int_equal(sg_doctor_listens(path), -EPROTOTYPE);
    close(sock);
    unlink(path);
    rmdir(dir);
}

static int run(const char *script, unsigned ms, size_t max, struct sg_buf *out, struct sg_buf *err)
{
    char *const argv[] = {(char *)"sh", (char *)"-c", (char *)(uintptr_t)script, NULL};
    return sg_doctor_spawn("/bin/sh", argv, ms, max, out, err);
}

static void test_spawn(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        unsigned ms;
        int status;
        const char *out, *err;
    } rows[] = {
        {"echo a; echo b >&2; exit 3", 60000, 3, "a\n", "b\n"},
        {"cat", 60000, 0, "", ""},
        {"kill -9 $$", 60000, 137, "", ""},
        {"exec sleep 60", 50, -ETIMEDOUT, "", ""},
        {"head -c 2000 /dev/zero; exec sleep 60", 60000, -EFBIG, NULL, ""},
    };
    for (size_t i = 0; i < SG_ARRAY_LEN(rows); i++) {
        sg_auto(sg_buf) struct sg_buf out = {0};
        sg_auto(sg_buf) struct sg_buf err = {0};
        print_message("%s\n", rows[i].script);
        assert_int_equal(run(rows[i].script, rows[i].ms, 1000, &out, &err), rows[i].status);
        if (rows[i].out)
            assert_string_equal(out.data, rows[i].out);
        assert_string_equal(err.data, rows[i].err);
    }
    sg_auto(sg_buf) struct sg_buf none = {0};
    char *const argv[] = {(char *)"x", NULL};
    assert_int_equal(sg_doctor_spawn("/nonexistent/x", argv, 1000, 1000, &none, &none), -ENOENT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_words),           cmocka_unit_test(test_subid),
        cmocka_unit_test(test_rights),          cmocka_unit_test(test_people),
        cmocka_unit_test(test_way_to_a_socket), cmocka_unit_test(test_who_listens),
        cmocka_unit_test(test_spawn),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
